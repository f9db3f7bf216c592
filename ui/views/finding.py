"""Render the finding about a query's languages: one sentence, a picture, and figures on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from searchapp.datatypes import LanguageShare
from ui.findings import Answer, Finding, Version
from ui.views.panel import bars
from ui.views.templates import draw, html
from ui.wording import Wording

PICTURED = 3
"""Number of answers whose translations are drawn in the panel."""
APART = 7.5
"""Width of a pill in percent of the line; pills that are closer are placed in different lanes."""
SHOWN = 8
"""Maximum number of languages whose shares are drawn."""


@dataclass(frozen=True, slots=True)
class Pill:
    """The place of a version on the line.

    Attributes:
        at: Percent of the line's width.
        lane: Row, from 0.
        hint: Tooltip.
        was: Place before a correction, in percent; None if it is the same or unknown.
    """

    language: str
    at: float
    lane: int
    late: bool
    hint: str
    was: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """An answer's translations on a line of ranks."""

    title: str
    language: str
    pills: tuple[Pill, ...]
    lanes: int
    said: str


def finding_view(finding: Finding, say: Wording) -> str:
    """Render the panel.

    Args:
        finding: What the query shows.
        say: Texts in the language of the page.
    """
    headline, said = headline_of(finding, say)
    pictured = [answer for answer in finding.answers if answer.first.rank and answer.first.rank <= PICTURED]
    versions = finding.answers[0].versions if finding.answers else ()
    places = [
        (say.name(version.language), version.language, _place(version, finding.depth, say)) for version in versions
    ]
    return draw(
        "finding",
        say,
        headline=headline,
        said=said,
        kind="late" if any(answer.late for answer in finding.answers[:1]) or _leader(finding) else "calm",
        lines=[line_of(answer, finding, say) for answer in pictured or finding.answers[:1]],
        ticks=_ticks(finding.depth),
        shares=[] if finding.answers or finding.nothing else _pairs(finding),
        total=_total(finding),
        places=places,
        corrected=finding.corrected,
        bars=html(bars(finding.report)) if finding.report.shares and not finding.nothing else "",
        confidence=f"{finding.report.confidence:.0%}",
    )


def headline_of(finding: Finding, say: Wording) -> tuple[str, str]:
    """Write a headline about the finding and a sentence that explains it.

    Args:
        finding: What the query shows.
        say: Texts in the language of the page.
    """
    if len(finding.languages) < 2:
        return say("finding.one_language"), say(
            "finding.one_language.why", name=say.listed([say.name(code) for code in finding.languages])
        )
    if finding.nothing:
        return say("finding.irrelevant"), say("finding.irrelevant.why")
    if not finding.answers:
        return _shares_said(finding, say)
    best = finding.answers[0]
    count, first = len(best.versions), say.name(best.first.language)
    if not best.late:
        place = max(version.rank or 0 for version in best.versions)
        return say("finding.together"), say("finding.together.why", title=best.title, count=count, place=place)
    last = best.late[0]
    places = best.behind(last)
    others = [say.name(version.language) for version in best.late[1:]]
    name = say.name(last.language)
    told = {"title": best.title, "count": count, "first": first, "place": best.first.rank or 1, "last": name}
    also = " " + say("finding.late.others", names=say.listed(others)) if others else ""
    if places is None:
        return say("finding.beyond", name=name, depth=finding.depth), say("finding.beyond.why", **told) + also
    return say("finding.late", name=name, places=places), say("finding.late.why", behind=last.rank, **told) + also


def card_lines(finding: Finding, say: Wording) -> dict[str, str]:
    """Render the ranks of the translations for each of the page's hits.

    Args:
        finding: What the query shows.
        say: Texts in the language of the page.

    Returns:
        Id of a hit -> HTML.
    """
    drawn: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for answer in finding.answers:
        line = line_of(answer, finding, say)
        for place, id_ in enumerate(answer.hits):
            drawn[id_] = (
                draw("card_line", say, line=line, same=None)
                if place == 0
                else draw("card_line", say, line=line, same=numbers.setdefault(answer.hits[0], answer.first.rank or 1))
            )
    return drawn


def line_of(answer: Answer, finding: Finding, say: Wording) -> Line:
    """Place an answer's versions on a logarithmic line, with close ones in different lanes.

    Args:
        answer: Versions of one passage with their ranks.
        finding: What the query shows.
        say: Texts in the language of the page.
    """
    late = set(answer.late)
    pills: list[Pill] = []
    ends: list[float] = []
    for version in answer.versions:
        at = _at(version.rank, finding.depth)
        lane = next((row for row, end in enumerate(ends) if at - end >= APART), len(ends))
        if lane == len(ends):
            ends.append(at)
        else:
            ends[lane] = at
        moved = finding.corrected and version.before is not None and version.before != version.rank
        pills.append(
            Pill(
                language=version.language,
                at=round(at, 1),
                lane=lane,
                late=version in late,
                hint=f"{say.name(version.language)}: {_place(version, finding.depth, say)}",
                was=round(_at(version.before, finding.depth), 1) if moved else None,
            )
        )
    return Line(answer.title, answer.language, tuple(pills), max(1, len(ends)), _line_said(answer, finding, say))


def _line_said(answer: Answer, finding: Finding, say: Wording) -> str:
    if not answer.late:
        return say("line.together", count=len(answer.versions))
    last = answer.late[0]
    places = answer.behind(last)
    if places is None:
        return say("line.beyond", name=say.name(last.language), depth=finding.depth)
    return say("line.late", name=say.name(last.language), places=places)


def _place(version: Version, depth: int, say: Wording) -> str:
    if version.rank is None:
        return say("place.beyond", depth=depth)
    if version.before is not None and version.before != version.rank:
        return say("place.moved", place=version.rank, before=version.before)
    return say("place", place=version.rank)


def _at(rank: int | None, depth: int) -> float:
    """Return the percent of the line's width; anything beyond the last place is at its end."""
    return 100.0 if rank is None or depth < 2 else 96.0 * log(rank) / log(depth)


def _ticks(depth: int) -> list[tuple[int, float]]:
    return [(place, round(_at(place, depth), 1)) for place in (1, 3, 10, 30, 100, 300) if place <= depth]


def _total(finding: Finding) -> int:
    return finding.report.shares[0].total if finding.report.shares else 0


def _leader(finding: Finding) -> LanguageShare | None:
    """Return the language with the most places beyond its share, if its interval excludes chance."""
    if finding.answers:
        return None
    over = [share for share in finding.report.shares if share.verdict == "over" and share.baseline > 0]
    return max(over, key=lambda share: share.share - share.baseline, default=None)


def _shares_said(finding: Finding, say: Wording) -> tuple[str, str]:
    total = _total(finding)
    if not total:
        return say("finding.nothing"), say("finding.nothing.why")
    leader = _leader(finding)
    if leader is None:
        if finding.relevant is not None:
            return say("finding.even"), say("finding.relevant.even.why", total=total, relevant=finding.relevant)
        return say("finding.even"), say("finding.even.why", total=total)
    expected = round(leader.baseline * total)
    headline = say("finding.leads", name=say.name(leader.language), count=leader.count, total=total)
    if finding.relevant is not None:
        return headline, say("finding.relevant.leads.why", expected=expected, relevant=finding.relevant)
    return headline, say("finding.leads.why", expected=expected)


def _pairs(finding: Finding) -> Sequence[tuple[LanguageShare, float, float]]:
    """Return languages with the widths of the bars of observed and expected shares, widest first."""
    shares = sorted(finding.report.shares, key=lambda share: -max(share.share, share.baseline))[:SHOWN]
    top = max((max(share.share, share.baseline) for share in shares), default=1.0) or 1.0
    return [(share, round(100 * share.share / top, 1), round(100 * share.baseline / top, 1)) for share in shares]
