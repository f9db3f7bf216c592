"""Render the parts of a hit's score, and separately what balancing changed."""

from __future__ import annotations

from html import escape

from searchapp.datatypes import Hit, SearchResult

PARTS = ("dense", "lexical", "fused", "rerank")
"""Parts of a score in the order in which they arise; others follow."""

BALANCED = ("relevance", "balance")
"""Parts added by balancing: the previous score, and for some methods the sort key."""


def scores_view(hit: Hit, result: SearchResult) -> str:
    """Render each part with a bar relative to the page's largest, and the ranks before and after balancing.

    Args:
        hit: Hit to show, one of the result's.
        result: Result with the other hits and the steps.
    """
    names = [name for name in PARTS if name in hit.scores]
    names += [name for name in hit.scores if name not in (*PARTS, *BALANCED)]
    parts = "".join(_score(name, hit.scores[name], _top(name, result)) for name in names)
    return (f'<dl class="scores">{parts}</dl>' if parts else "") + _balance(hit, result)


def _score(name: str, value: float, top: float) -> str:
    width = max(0.0, min(100.0, 100 * value / top)) if top > 0 else 0.0
    return (
        f'<div><dt>{escape(name)}</dt><dd><b>{value:.3f}</b><span class="meter"><i style="width:{width:.0f}%"></i>'
        "</span></dd></div>"
    )


def _top(name: str, result: SearchResult) -> float:
    return max((hit.scores.get(name, 0.0) for hit in result.hits), default=0.0)


def _balance(hit: Hit, result: SearchResult) -> str:
    step = next((step for step in result.steps if step.name == "balance"), None)
    if step is None or not step.moves or "relevance" not in hit.scores:
        return ""
    move = next((move for move in step.moves if move.id == hit.id), None)
    if move is None:
        shift = "<b>place kept</b>"
    else:
        before, after = (rank or "below" for rank in (move.before, move.after))
        up = move.after is not None and (move.before is None or move.before > move.after)
        shift = f'place <b>{before} → {after}</b> <span aria-hidden="true">{"▲" if up else "▼"}</span>'
    facts = [("balancing", shift), ("relevance", f"<b>{hit.scores['relevance']:.3f}</b>")]
    if "balance" in hit.scores:
        facts.append(("sorted by", f"<b>{hit.scores['balance']:.3f}</b>"))
    drawn = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f'<dl class="scores balancing" aria-label="What balancing did">{drawn}</dl>'
