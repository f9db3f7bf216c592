"""Reconstruct the rankings that a result went through from the moves of each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from searchapp.datatypes import RankingStep, SearchResult


@dataclass(frozen=True, slots=True)
class Placed:
    """A passage at a rank."""

    id: str
    language: str


def orders(result: SearchResult) -> list[list[Placed]]:
    """Return the first ranks before the first step, between the steps, and at the end; at least the last of these.

    Only for a first page, because the ranks above later pages are unknown.

    Args:
        result: Result with its steps; one of a later page gives only the last order.
    """
    last = [Placed(hit.id, hit.language) for hit in result.hits]
    found = [last]
    if result.offset:
        return found
    for step in reversed(result.steps):
        found.append(_undone(found[-1], step))
    return found[::-1]


def _undone(after: Sequence[Placed], step: RankingStep) -> list[Placed]:
    moved = {move.id: move for move in step.moves}
    before = {rank: placed for rank, placed in enumerate(after, start=1) if placed.id not in moved}
    before.update({move.before: Placed(move.id, move.language) for move in step.moves if move.before is not None})
    return [before[rank] for rank in sorted(before)]


def first_ranks(result: SearchResult) -> dict[str, int]:
    """Return each passage's rank before the first step; passages outside the first ranks are missing.

    Args:
        result: Result with its steps.
    """
    return {placed.id: rank for rank, placed in enumerate(orders(result)[0], start=1)}
