"""Render the ranks of passages with the same content: the rank distance of a single query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from searchapp.text.languages import english_name
from ui.lab import Standing
from ui.views.parts import beginning
from ui.views.templates import draw


@dataclass(frozen=True, slots=True)
class Track:
    """A passage on its track.

    Attributes:
        title: Title, or else the beginning of the text.
        rank: Rank as it is shown.
        at: Percent of the track's length, logarithmic.
        lost: Whether the passage is below the examined places.
    """

    language: str
    title: str
    rank: str
    at: float
    lost: bool


def parallel_view(query: str, standings: Sequence[Standing], *, depth: int) -> str:
    """Render a track per language with the passage's rank on it, and the rank distance in words.

    Args:
        query: Text of the query.
        standings: Ranks of passages with the same content, in any order.
        depth: Number of examined places; passages without a rank are below it.
    """
    ordered = sorted(standings, key=lambda standing: (standing.rank or depth + 1, standing.language))
    return draw(
        "parallel",
        query=query,
        depth=depth,
        said=distance(ordered, depth),
        tracks=[_track(standing, depth) for standing in ordered],
    )


def distance(standings: Sequence[Standing], depth: int) -> str:
    """Describe the rank distance: the ranks between the first and the last of the passages.

    Args:
        standings: Ranks of passages with the same content, one or more, in any order.
        depth: Number of examined places; passages without a rank are below it.
    """
    ranks = [standing.rank for standing in standings if standing.rank is not None]
    missing = len(standings) - len(ranks)
    best = len(standings) - 1
    if not ranks:
        return f"None of them is among the first {depth:,}."
    first = next(standing for standing in standings if standing.rank == min(ranks))
    if missing:
        return (
            f"{english_name(first.language)} comes first, at rank {min(ranks)}; {missing} are below rank {depth:,}, so the "
            f"rank distance is {depth + 1 - min(ranks):,} or more. Without bias it would be {best}."
        )
    last = next(standing for standing in standings if standing.rank == max(ranks))
    return (
        f"{english_name(first.language)} comes first, at rank {min(ranks)}; {english_name(last.language)} last, at rank "
        f"{max(ranks):,}: a rank distance of {max(ranks) - min(ranks):,}. Without bias it would be {best}."
    )


def _track(standing: Standing, depth: int) -> Track:
    return Track(
        standing.language,
        standing.title or beginning(standing.text, standing.language, columns=60),
        f"> {depth:,}" if standing.rank is None else f"{standing.rank:,}",
        100.0 if standing.rank is None else 100 * log(standing.rank) / log(depth + 1),
        standing.rank is None,
    )
