"""Render two rankings side by side, with lines between the ranks of each passage."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from searchapp.datatypes import Hit, SearchResult
from searchapp.text.languages import english_name
from ui.views.panel import panel_view
from ui.views.parts import badge, beginning, hue, listed

ROW = 52
"""Height of a row in pixels, on which the lines depend."""


def compare_view(left: SearchResult, right: SearchResult, *, names: tuple[str, str]) -> str:
    """Render a summary of the changes, both lists with lines between them, and both language panels.

    Args:
        left: Result of side A.
        right: Result of side B.
        names: Names of sides A and B, as plain text.
    """
    ranks = ({hit.id: hit.rank for hit in left.hits}, {hit.id: hit.rank for hit in right.hits})
    return (
        f'<section class="compare" aria-label="Comparison"><p class="verdict">{escape(difference(left, right))}</p>'
        f'<div class="sides"><h3>A <small>{escape(names[0])}</small></h3><span></span>'
        f"<h3>B <small>{escape(names[1])}</small></h3>"
        f"{_list(left, ranks[1], side='A')}{_lines(left, right)}{_list(right, ranks[0], side='B')}</div>"
        f'<div class="panels"><div><span class="tag">A · {escape(names[0])}</span>{panel_view(left)}</div>'
        f'<div><span class="tag">B · {escape(names[1])}</span>{panel_view(right)}</div></div></section>'
    )


def difference(left: SearchResult, right: SearchResult) -> str:
    """Describe how many passages both found, and which languages gained and lost places.

    Args:
        left: Result of side A.
        right: Result of side B; gains and losses are those of B against A.
    """
    there = {hit.id for hit in left.hits}
    shared = sum(hit.id in there for hit in right.hits)
    most = max(len(left.hits), len(right.hits))
    if not most:
        return "Neither finds anything."
    if [hit.id for hit in left.hits] == [hit.id for hit in right.hits]:
        return "Both rank the same passages in the same order."
    said = [f"{shared} of {most} passages are in both."]
    if left.hits and right.hits:
        same = left.hits[0].id == right.hits[0].id
        said.append("The first hit is the same." if same else "The first hit differs.")
    gains = _gains(left, right)
    won = [f"{english_name(code)} +{gain}" for code, gain in gains.items() if gain > 0]
    lost = [f"{english_name(code)} −{-gain}" for code, gain in reversed(gains.items()) if gain < 0]
    if won:
        said.append(f"B gives more places to {listed(won)}" + (f", fewer to {listed(lost)}." if lost else "."))
    elif lost:
        said.append(f"B gives fewer places to {listed(lost)}.")
    return " ".join(said)


def _gains(left: SearchResult, right: SearchResult) -> dict[str, int]:
    gains: dict[str, int] = {}
    for result, sign in ((left, -1), (right, 1)):
        for hit in result.hits:
            gains[hit.language] = gains.get(hit.language, 0) + sign
    return dict(sorted(gains.items(), key=lambda item: (-item[1], item[0])))


def _list(result: SearchResult, others: Mapping[str, int], *, side: str) -> str:
    rows = "".join(_row(hit, others.get(hit.id), side) for hit in result.hits)
    return f'<ol class="side" aria-label="Hits of {side}">{rows or "<li class=row>No hits</li>"}</ol>'


def _row(hit: Hit, other: int | None, side: str) -> str:
    if side == "B":
        change = (
            '<span class="moved up">new</span>'
            if other is None
            else ""
            if other == hit.rank
            else f'<span class="moved {"up" if other > hit.rank else "down"}">{"▲" if other > hit.rank else "▼"} '
            f"{abs(other - hit.rank)}</span>"
        )
    else:
        change = '<span class="moved down">gone</span>' if other is None else ""
    title = escape(hit.title) or beginning(hit.text, hit.language, columns=80)
    return (
        f'<li class="row" data-id="{escape(hit.id)}" data-language="{escape(hit.language)}" '
        f'style="--hue:{hue(hit.language)}" '
        f'title="{beginning(hit.text, hit.language, columns=300)}"><span class="rank">{hit.rank}</span><b dir="auto" '
        f'lang="{escape(hit.language)}">{title}</b>{change}{badge(hit.language)}</li>'
    )


def _lines(left: SearchResult, right: SearchResult) -> str:
    """Draw curves from rank to rank; a passage in only one list has an open end."""
    height = ROW * max(len(left.hits), len(right.hits), 1)
    places = {hit.id: row for row, hit in enumerate(right.hits)}
    drawn = []
    for row, hit in enumerate(left.hits):
        start = ROW * row + ROW / 2
        target = places.pop(hit.id, None)
        if target is None:
            drawn.append(_curve(hit.language, 0, start, 30, start, "lost"))
        else:
            drawn.append(
                _curve(hit.language, 0, start, 100, ROW * target + ROW / 2, "kept" if row == target else "moved-line")
            )
    language = {hit.id: hit.language for hit in right.hits}
    drawn += [
        _curve(language[id_], 70, ROW * row + ROW / 2, 100, ROW * row + ROW / 2, "lost") for id_, row in places.items()
    ]
    return (
        f'<svg class="lines" viewBox="0 0 100 {height}" style="height:{height}px" preserveAspectRatio="none" '
        f'aria-hidden="true">{"".join(drawn)}</svg>'
    )


def _curve(language: str, x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    middle = (x1 + x2) / 2
    return (
        f'<path class="{kind}" style="--hue:{hue(language)}" vector-effect="non-scaling-stroke" '
        f'd="M{x1:g} {y1:g} C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"/>'
    )
