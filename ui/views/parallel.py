"""Render the ranks of passages with the same content: the rank distance of a single query."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log

from searchapp.text.languages import english_name, native_name
from ui.lab import Standing
from ui.views.parts import beginning, hue, text_direction


def parallel_view(query: str, standings: Sequence[Standing], *, depth: int) -> str:
    """Render a track per language with the passage's rank on it, and the rank distance in words.

    Args:
        query: Text of the query.
        standings: Ranks of passages with the same content, in any order.
        depth: Number of examined places; passages without a rank are below it.
    """
    ordered = sorted(standings, key=lambda standing: (standing.rank or depth + 1, standing.language))
    rows = "".join(_row(standing, depth) for standing in ordered)
    return (
        f'<section class="parallel" aria-label="Rank distance"><h2>One passage, {len(standings)} languages</h2>'
        f'<p class="verdict">{escape(distance(ordered, depth))}</p>'
        f'<p class="quiet">Query: <bdi>{escape(query)}</bdi> · ranks 1 to {depth:,}, on a logarithmic scale</p>'
        f'<table class="strip"><thead><tr><th scope="col">Language</th><th scope="col">Place in the ranking</th>'
        f'<th scope="col" class="number">Rank</th></tr></thead><tbody>{rows}</tbody></table></section>'
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


def _row(standing: Standing, depth: int) -> str:
    code = escape(standing.language)
    place = 100.0 if standing.rank is None else 100 * log(standing.rank) / log(depth + 1)
    rank = f"> {depth:,}" if standing.rank is None else f"{standing.rank:,}"
    lost = " lost" if standing.rank is None else ""
    return (
        f'<tr style="--hue:{hue(standing.language)}"><th scope="row"><i class="dot"></i><bdi lang="{code}">'
        f"{escape(native_name(standing.language))}</bdi> <small>{code}</small></th>"
        f'<td><div class="rail" role="img" aria-label="rank {rank}"><i class="pin{lost}" style="left:{place:.1f}%"></i></div>'
        f'<span class="what" dir="{text_direction(standing.language)}" lang="{code}">'
        f"{escape(standing.title) or beginning(standing.text, standing.language, columns=60)}</span></td>"
        f'<td class="number">{rank}</td></tr>'
    )
