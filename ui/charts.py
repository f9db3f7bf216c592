"""The language panel: shares of the hits against the baseline, drawn as plain HTML that a screen reader can read."""

from __future__ import annotations

from html import escape

from searchapp.datatypes import LanguageReport, LanguageShare
from searchapp.languages import english_name, native_name
from searchapp.languages.codes import NAMES

GOLDEN_ANGLE = 137.508
_PLACES = {code: place for place, code in enumerate(sorted(NAMES))}


def hue(language: str) -> int:
    """A fixed colour per language, the same on badges and bars; the golden angle keeps neighbours apart."""
    return round(_PLACES.get(language, len(_PLACES)) * GOLDEN_ANGLE) % 360


def language_panel(report: LanguageReport) -> str:
    """Bars with interval and baseline for each language, and what they say in words."""
    if not report.shares or not report.shares[0].total:
        return '<section class="panel"><p class="quiet">No hits, so there is no balance to show.</p></section>'
    top = max(max(share.high for share in report.shares), max(share.baseline for share in report.shares), 0.01)
    rows = "".join(_row(share, top) for share in report.shares)
    total = report.shares[0].total
    return (
        '<section class="panel" aria-label="Language balance of the results">'
        f"<h2>Languages of the {total} hits</h2>"
        f'<p class="verdict">{escape(summary(report))}</p>'
        '<table class="bars"><thead><tr><th scope="col">Language</th><th scope="col">Share of the hits</th>'
        '<th scope="col" class="number">Lift</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        f'<p class="quiet"><span class="key key-bar"></span> share of the hits '
        f'<span class="key key-range"></span> {report.confidence:.0%} interval '
        f'<span class="key key-mark"></span> share in the {escape(report.baseline)}</p></section>'
    )


def summary(report: LanguageReport) -> str:
    """One or two plain sentences: who is over- and under-represented, and for how many it is too early to say."""
    over = [_named(share) for share in report.shares if share.verdict == "over"]
    under = [english_name(share.language) for share in report.shares if share.verdict == "under"]
    unclear = sum(share.verdict == "unclear" for share in report.shares)
    parts = []
    if over:
        parts.append(f"Over-represented: {', '.join(over)}.")
    if under:
        parts.append(f"Under-represented: {', '.join(under)}.")
    if unclear == len(report.shares):
        parts.append(f"With {report.shares[0].total} hits no language is clearly favoured: too few to say more.")
    elif unclear:
        parts.append(f"Too few hits to say for {unclear} more.")
    return " ".join(parts)


def _named(share: LanguageShare) -> str:
    interval = share.lift_interval
    if share.lift is None or interval is None:
        return english_name(share.language)
    return f"{english_name(share.language)} {share.lift:.1f}× ({interval[0]:.1f}–{interval[1]:.1f})"


def _row(share: LanguageShare, top: float) -> str:
    lift = "–" if share.lift is None else f"{share.lift:.1f}×"
    spoken = f"{share.count} of {share.total} hits, {share.share:.0%}; {share.baseline:.0%} without bias"
    return (
        f'<tr class="{share.verdict}"><th scope="row"><span lang="{escape(share.language)}">'
        f"{escape(native_name(share.language))}</span> <small>{escape(share.language)}</small></th>"
        f'<td><div class="track" role="img" aria-label="{escape(spoken)}" title="{escape(spoken)}">'
        f'<i class="bar" style="width:{100 * share.share / top:.1f}%;--hue:{hue(share.language)}"></i>'
        f'<i class="range" style="left:{100 * share.low / top:.1f}%;width:{100 * (share.high - share.low) / top:.1f}%"></i>'
        f'<i class="mark" style="left:{100 * share.baseline / top:.1f}%"></i></div></td>'
        f'<td class="number">{lift}</td></tr>'
    )
