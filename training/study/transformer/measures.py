"""Measure an encoder on the device: XQuAD-R, held-out questions, SciFact, held-out translations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.study.transformer.model import FlatEncoder

Floats = NDArray[np.float32]
CUT = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """The results of one run.

    Attributes:
        means: Measure -> mean.
        by_language: Measure -> query language -> mean.
        queries: Measure -> a value per question (XQuAD-R: mean over query languages) for the bootstrap.
    """

    means: dict[str, float]
    by_language: dict[str, dict[str, float]]
    queries: dict[str, Floats]


class Measures:
    """Measures encoders on the texts of a prepared file.

    Args:
        arrays: Arrays of the prepared file.
        tokens: Name -> (texts, tokens) ids on the device.
    """

    def __init__(
        self, arrays: Mapping[str, NDArray[Any]], tokens: Mapping[str, Tensor], languages: tuple[str, ...]
    ) -> None:
        self._arrays, self._tokens, self._languages = arrays, tokens, languages

    def test(self, encoder: FlatEncoder) -> Figures:
        """Measure everything that the study reports.

        Args:
            encoder: Encoder on the device of the tokens.
        """
        means: dict[str, float] = {}
        by_language: dict[str, dict[str, float]] = {}
        queries: dict[str, Floats] = {}
        for part in (self._xquad_r(encoder), self._pool(encoder), self._scifact(encoder), self._translations(encoder)):
            means |= part.means
            by_language |= part.by_language
            queries |= part.queries
        return Figures(means, by_language, queries)

    def development(self, encoder: FlatEncoder) -> dict[str, float]:
        """Measure what choices are based on: held-out parts of sentences, held-out questions, and the `mean` of both.

        Args:
            encoder: Encoder on the device of the tokens.
        """
        arrays, count = self._arrays, len(self._languages)
        groups = _long(arrays["development_groups"], encoder)
        rows = (groups[:, None] * count + torch.arange(count, device=groups.device)).flatten()
        scores = encoder.encode(self._tokens["queries"][rows]) @ encoder.encode(self._tokens["passages"][rows]).T
        gold = torch.arange(len(rows), device=rows.device).view(-1, count).repeat_interleave(count, 0)
        parts = float(average_precision(gold_ranks(scores, gold)).mean())
        asked = _long(arrays["development_questions"], encoder) + int(arrays["first_question"])
        scores = encoder.encode(self._tokens["queries"][asked]) @ encoder.encode(self._tokens["passages"][asked]).T
        own = torch.arange(len(asked), device=asked.device)[:, None]
        questions = float(gain(gold_ranks(scores, own)[:, 0]).mean())
        return {"parts": parts, "questions": questions, "mean": (parts + questions) / 2}

    def _xquad_r(self, encoder: FlatEncoder) -> Figures:
        arrays = self._arrays
        languages = arrays["xquad_languages"].tolist()
        count = len(languages)
        queries = encoder.encode(self._tokens["xquad_queries"])
        passages = encoder.encode(self._tokens["xquad_passages"])
        table, gold = _long(arrays["xquad_query"], encoder), _long(arrays["xquad_gold"], encoder)
        spoken = _long(arrays["xquad_passage_language"], encoder)
        pools = [torch.nonzero(spoken == language)[:, 0] for language in range(count)]
        values: dict[str, list[Tensor]] = {}
        for own in range(count):
            scores = queries[table[:, own]] @ passages.T
            found = scores.gather(1, gold)
            ranks = gold_ranks(scores, gold)
            alone = torch.stack(
                [1 / (1 + (scores[:, pool] > found[:, place, None]).sum(1)) for place, pool in enumerate(pools)], dim=1
            )
            first = scores.argmax(1)
            right = (gold == first[:, None]).any(1)
            same = spoken[first] == own
            measured = {
                "Mul": average_precision(ranks),
                "Mo": alone[:, own],
                "Cr": (alone.sum(1) - alone[:, own]) / (count - 1),
                "rank distance": (ranks.amax(1) - ranks.amin(1)).float(),
                "LPR": (found.argmax(1) == own).float(),
                "right, same language": (right & same).float(),
                "right, other language": (right & ~same).float(),
                "wrong, same language": (~right & same).float(),
                "wrong, other language": (~right & ~same).float(),
            }
            for name, value in measured.items():
                values.setdefault(name, []).append(value)
        stacked = {name: torch.stack(own, dim=1) for name, own in values.items()}
        return Figures(
            means={name: float(value.mean()) for name, value in stacked.items()},
            by_language={
                name: dict(zip(languages, value.mean(0).tolist(), strict=True)) for name, value in stacked.items()
            },
            queries={name: stacked[name].mean(1).cpu().numpy() for name in ("Mul", "Mo", "Cr", "rank distance")},
        )

    def _pool(self, encoder: FlatEncoder) -> Figures:
        arrays = self._arrays
        asked = arrays["test_questions"]
        spoken = _long(arrays["question_language"][asked], encoder)
        rows = _long(asked, encoder) + int(arrays["first_question"])
        scores = encoder.encode(self._tokens["queries"][rows]) @ encoder.encode(self._tokens["pool"]).T
        own = torch.arange(len(rows), device=rows.device)[:, None]
        everywhere = gain(gold_ranks(scores, own)[:, 0])
        alone = gain(gold_ranks(scores.masked_fill(spoken[:, None] != spoken, -2.0), own)[:, 0])
        named = {"pool": everywhere, "own pool": alone}
        codes = [(int(code), self._languages[int(code)]) for code in sorted(set(spoken.tolist()))]
        by_language = {
            name: {code: float(value[spoken == number].mean()) for number, code in codes}
            for name, value in named.items()
        }
        return Figures(
            means={name: float(np.mean(list(values.values()))) for name, values in by_language.items()},
            by_language=by_language,
            queries={"pool": everywhere.cpu().numpy()},
        )

    def _scifact(self, encoder: FlatEncoder) -> Figures:
        queries = encoder.encode(self._tokens["scifact_queries"])
        passages = encoder.encode(self._tokens["scifact_passages"])
        relevant = torch.zeros(len(queries), len(passages), dtype=torch.bool, device=queries.device)
        gold = _long(self._arrays["scifact_gold"], encoder)
        relevant[gold[:, 0], gold[:, 1]] = True
        best = (queries @ passages.T).topk(CUT, dim=1).indices
        discounts = 1 / torch.log2(torch.arange(CUT, device=queries.device) + 2.0)
        reached = (relevant.gather(1, best).float() * discounts).sum(1)
        ideal = discounts.cumsum(0)[relevant.sum(1).clamp(max=CUT) - 1]
        values = reached / ideal
        return Figures({"SciFact": float(values.mean())}, {}, {"SciFact": values.cpu().numpy()})

    def _translations(self, encoder: FlatEncoder) -> Figures:
        count = len(self._languages)
        groups = _long(self._arrays["test_groups"], encoder)
        rows = groups[:, None] * count + torch.arange(count, device=groups.device)
        vectors = encoder.encode(self._tokens["passages"][rows.flatten()]).view(len(groups), count, -1)
        own = torch.arange(len(groups), device=groups.device)
        found = torch.zeros(count, count, device=groups.device)
        aligned = torch.zeros(count, count, device=groups.device)
        for one in range(count):
            scores = torch.einsum("gd,hld->lgh", vectors[:, one], vectors)
            found[one] = (scores.argmax(2) == own).float().mean(1)
            aligned[one] = (2 - 2 * scores.diagonal(dim1=1, dim2=2)).mean(1)
        off = ~torch.eye(count, dtype=torch.bool, device=groups.device)
        flat = vectors.flatten(0, 1)
        apart = torch.triu(torch.ones(len(flat), len(flat), dtype=torch.bool, device=flat.device), 1)
        uniform = torch.log(torch.exp(-2 * (2 - 2 * (flat @ flat.T)[apart])).mean())
        means = {
            "bitext": float(found[off].mean()),
            "alignment": float(aligned[off].mean()),
            "uniformity": float(uniform),
        }
        return Figures(means, {}, {})


def gold_ranks(scores: Tensor, gold: Tensor) -> Tensor:
    """Compute the rank of each gold among all candidates, from 1, ignoring ties.

    Args:
        scores: (queries, candidates) scores.
        gold: (queries, golds) columns.
    """
    found = scores.gather(1, gold)
    ascending = scores.sort(dim=1).values
    return scores.shape[1] - torch.searchsorted(ascending, found, right=True) + 1


def average_precision(ranks: Tensor) -> Tensor:
    """Compute average precision over the whole pool: (queries,).

    Args:
        ranks: (queries, golds) ranks from 1.
    """
    ordered = ranks.sort(dim=1).values
    return (torch.arange(1, ranks.shape[1] + 1, device=ranks.device) / ordered).mean(1)


def gain(ranks: Tensor) -> Tensor:
    """Compute nDCG@10 of queries with one gold: (queries,).

    Args:
        ranks: (queries,) ranks from 1.
    """
    return torch.where(ranks <= CUT, 1 / torch.log2(ranks + 1.0), 0.0)


def share_of(values: Mapping[str, float], names: tuple[str, ...]) -> float:
    """Average over some languages; NaN if there are none.

    Args:
        values: Language -> value.
        names: Languages to average over; those without a value are left out.
    """
    found = [values[name] for name in names if name in values]
    return sum(found) / len(found) if found else math.nan


def _long(array: NDArray[Any], encoder: FlatEncoder) -> Tensor:
    return torch.from_numpy(np.asarray(array, dtype=np.int64)).to(encoder.matrices.device)
