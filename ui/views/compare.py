"""Render two rankings side by side, with lines between the ranks of each passage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from searchapp.datatypes import Hit, SearchResult
from searchapp.text.languages import english_name
from ui.views.panel import panel_view
from ui.views.parts import beginning, listed
from ui.views.templates import draw, html

ROW = 52
"""Height of a row in pixels, on which the lines depend."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a passage's place differs from the other side's, in a word or number."""

    said: str
    up: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A hit in a list.

    Attributes:
        title: Title, or else the beginning of the text.
        hint: Tooltip.
        change: Difference from the other side; None if there is nothing to say.
    """

    hit: Hit
    title: str
    hint: str
    change: Change | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A line between the lists.

    Attributes:
        kind: `kept`, `moved-line` or `lost`.
        path: SVG path in a box of 100 units' width and `ROW` units per row.
    """

    language: str
    kind: str
    path: str


def compare_view(left: SearchResult, right: SearchResult, *, names: tuple[str, str]) -> str:
    """Render a summary of the changes, both lists with lines between them, and both language panels.

    Args:
        left: Result of side A.
        right: Result of side B.
        names: Names of sides A and B, as plain text.
    """
    ranks = ({hit.id: hit.rank for hit in left.hits}, {hit.id: hit.rank for hit in right.hits})
    return draw(
        "compare",
        said=difference(left, right),
        names=names,
        sides=[
            [_row(hit, _change_left(hit, ranks[1])) for hit in left.hits],
            [_row(hit, _change_right(hit, ranks[0])) for hit in right.hits],
        ],
        height=ROW * max(len(left.hits), len(right.hits), 1),
        curves=_curves(left, right),
        panels=[html(panel_view(left)), html(panel_view(right))],
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


def _change_left(hit: Hit, others: Mapping[str, int]) -> Change | None:
    return None if hit.id in others else Change("gone", up=False)


def _change_right(hit: Hit, others: Mapping[str, int]) -> Change | None:
    other = others.get(hit.id)
    if other is None:
        return Change("new", up=True)
    if other == hit.rank:
        return None
    up = other > hit.rank
    return Change(f"{'▲' if up else '▼'} {abs(other - hit.rank)}", up=up)


def _row(hit: Hit, change: Change | None) -> Row:
    title = hit.title or beginning(hit.text, hit.language, columns=80)
    return Row(hit, title, beginning(hit.text, hit.language, columns=300), change)


def _curves(left: SearchResult, right: SearchResult) -> list[Curve]:
    """Lead curves from rank to rank; a passage in only one list has an open end."""
    places = {hit.id: row for row, hit in enumerate(right.hits)}
    drawn = []
    for row, hit in enumerate(left.hits):
        start = ROW * row + ROW / 2
        target = places.pop(hit.id, None)
        if target is None:
            drawn.append(Curve(hit.language, "lost", _path(0, start, 30, start)))
        else:
            kind = "kept" if row == target else "moved-line"
            drawn.append(Curve(hit.language, kind, _path(0, start, 100, ROW * target + ROW / 2)))
    language = {hit.id: hit.language for hit in right.hits}
    for id_, row in places.items():
        start = ROW * row + ROW / 2
        drawn.append(Curve(language[id_], "lost", _path(70, start, 100, start)))
    return drawn


def _path(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f"M{x1:g} {y1:g} C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
