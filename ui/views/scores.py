"""Render the parts of a hit's score, and separately what balancing changed."""

from __future__ import annotations

from dataclasses import dataclass

from searchapp.datatypes import Hit, Move, SearchResult
from ui.views.templates import draw

PARTS = ("dense", "lexical", "fused", "rerank")
"""Parts of a score in the order in which they arise; others follow."""

BALANCED = ("relevance", "balance")
"""Parts added by balancing: the previous score, and for some methods the sort key."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a score.

    Attributes:
        width: Percent of the page's largest value of this part, 0 to 100.
    """

    name: str
    value: float
    width: float


@dataclass(frozen=True, slots=True)
class Balancing:
    """What balancing changed for a hit.

    Attributes:
        move: The change of its rank; None if it kept its rank.
        relevance: Score before balancing.
        key: Number by which balancing sorted; None if the method has none.
    """

    move: Move | None
    relevance: float
    key: float | None

    @property
    def up(self) -> bool:
        """Return whether the hit moved to a better rank."""
        move = self.move
        return move is not None and move.after is not None and (move.before is None or move.before > move.after)


def scores_view(hit: Hit, result: SearchResult) -> str:
    """Render each part with a bar relative to the page's largest, and the ranks before and after balancing.

    Args:
        hit: Hit to show, one of the result's.
        result: Result with the other hits and the steps.
    """
    names = [name for name in PARTS if name in hit.scores]
    names += [name for name in hit.scores if name not in (*PARTS, *BALANCED)]
    parts = [Part(name, hit.scores[name], _width(hit.scores[name], _top(name, result))) for name in names]
    return draw("scores", parts=parts, balancing=_balancing(hit, result))


def _width(value: float, top: float) -> float:
    return max(0.0, min(100.0, 100 * value / top)) if top > 0 else 0.0


def _top(name: str, result: SearchResult) -> float:
    return max((hit.scores.get(name, 0.0) for hit in result.hits), default=0.0)


def _balancing(hit: Hit, result: SearchResult) -> Balancing | None:
    step = next((step for step in result.steps if step.name == "balance"), None)
    if step is None or not step.moves or "relevance" not in hit.scores:
        return None
    move = next((move for move in step.moves if move.id == hit.id), None)
    return Balancing(move, hit.scores["relevance"], hit.scores.get("balance"))
