"""Fusion of ranked lists into one, with every list's own score kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

RRF_K = 60
"""The constant of Cormack, Clarke & Büttcher (2009), who found it near-optimal and flat around it."""


def reciprocal_rank_fusion(
    lists: Mapping[str, Sequence[str]], *, k: int = RRF_K, weights: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Score each id by Σ weight / (k + rank), rank from 1 (Cormack, Clarke & Büttcher 2009, eq. 1).

    Args:
        lists: Name of a leg -> ids, best first.
        weights: By leg; 1 where not given.

    Returns:
        id -> fused score, best first, ties by id.
    """
    scores: dict[str, float] = {}
    for name, ids in lists.items():
        weight = 1.0 if weights is None else weights.get(name, 1.0)
        for rank, item in enumerate(ids, start=1):
            scores[item] = scores.get(item, 0.0) + weight / (k + rank)
    return _sorted(scores)


def distribution_based_fusion(
    lists: Mapping[str, Sequence[tuple[str, float]]], *, weights: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Sum scores scaled to [0, 1] between mean − 3σ and mean + 3σ of their own list, then weighted (DBSF).

    Args:
        lists: Name of a leg -> (id, score), best first.
        weights: By leg; 1 where not given.

    Returns:
        id -> fused score, best first, ties by id; a list whose scores are all equal gives 0.5 to each.
    """
    fused: dict[str, float] = {}
    for name, scored in lists.items():
        if not scored:
            continue
        weight = 1.0 if weights is None else weights.get(name, 1.0)
        values = [score for _, score in scored]
        mean = sum(values) / len(values)
        deviation = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
        for item, score in scored:
            scaled = 0.5 if deviation == 0 else min(1.0, max(0.0, (score - mean + 3 * deviation) / (6 * deviation)))
            fused[item] = fused.get(item, 0.0) + weight * scaled
    return _sorted(fused)


def _sorted(scores: dict[str, float]) -> dict[str, float]:
    return dict(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))
