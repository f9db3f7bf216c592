"""Render the language panel: shares of the hits against the baseline, as plain HTML for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from searchapp.datatypes import LanguageReport, LanguageShare, SearchResult
from searchapp.text.languages import english_name, native_name
from ui.views.orders import Placed, orders
from ui.views.parts import hue, listed, percent

ROWS = 16
"""Number of languages shown at once; the others are folded."""

STEP_NAMES = {
    "rerank": "Re-ranking",
    "collapse": "Collapsing",
    "balance": "Mixing",
    "diversity": "Diversity",
    "per language": "The limit per language",
}


def panel_view(result: SearchResult) -> str:
    """Render everything about a result's languages: in words, as a ribbon, as bars, and the cost of the corrections.

    Args:
        result: Result with its report and steps; may have no hits.
    """
    report = result.report
    if not report.shares or not report.shares[0].total:
        return '<section class="panel"><p class="quiet">No hits, so there is no balance to show.</p></section>'
    before = result.steps[0].before if result.steps else None
    total = report.shares[0].total
    return (
        '<section class="panel" aria-label="Language balance of the results">'
        f"<header><h2>Who got the {total} {'place' if total == 1 else 'places'}</h2></header>"
        f'<p class="verdict">{escape(summary(report))}</p>'
        f"{_ribbons(result)}{bars(report, before)}{_steps(result)}{_legend(report, before is not None)}"
        f"{_unmatched(result)}</section>"
    )


def summary(report: LanguageReport) -> str:
    """Describe which languages are over- and under-represented, and for which there are too few hits to tell.

    Args:
        report: Shares of the languages with their verdicts.
    """
    over = [share for share in report.shares if share.verdict == "over"]
    under = [share for share in report.shares if share.verdict == "under"]
    unclear = [share for share in report.shares if share.verdict == "unclear"]
    said = [f"{english_name(share.language)} is over-represented {_lift(share)}." for share in over]
    said += [f"{english_name(share.language)} is under-represented {_lift(share)}." for share in under]
    total = report.shares[0].total if report.shares else 0
    if not over and not under:
        return f"No language is clearly favoured among these {total} results."
    if unclear:
        names = listed([english_name(share.language) for share in unclear], most=3)
        said.append(f"Too few results to say for {names}.")
    return " ".join(said)


def bars(report: LanguageReport, before: LanguageReport | None = None) -> str:
    """Render a row per language: share with interval, baseline, and the share before a correction.

    Args:
        report: Shares of the languages, in the order of the rows.
        before: Shares before the first correction; None if there was no correction.
    """
    was = {share.language: share.share for share in before.shares} if before else {}
    high = [max(share.high, share.baseline) for share in report.shares]
    top = max(*high, *was.values(), 0.05)
    rows = [_row(share, top, was.get(share.language)) for share in report.shares]
    head = (
        '<thead><tr><th scope="col">Language</th><th scope="col">Share of the results</th>'
        '<th scope="col" class="number">Hits</th><th scope="col" class="number">Lift</th></tr></thead>'
    )
    shown = f'<table class="bars">{head}<tbody>{"".join(rows[:ROWS])}</tbody></table>'
    if len(rows) <= ROWS:
        return shown
    rest = f'<table class="bars">{head}<tbody>{"".join(rows[ROWS:])}</tbody></table>'
    return f"{shown}<details><summary>{len(rows) - ROWS} more languages</summary>{rest}</details>"


def ribbon(places: Sequence[Placed], *, label: str) -> str:
    """Render the ranks in order, each in its language's colour.

    Args:
        places: Passages with their languages, by rank from 1.
        label: Accessible name of the ribbon, as plain text.
    """
    tiles = "".join(
        f'<li style="--hue:{hue(placed.language)}" title="{rank}. {escape(english_name(placed.language))}">'
        f"<span>{escape(placed.language)}</span></li>"
        for rank, placed in enumerate(places, start=1)
    )
    many = " many" if len(places) > 20 else ""
    return f'<ol class="ribbon{many}" aria-label="{escape(label)}">{tiles}</ol>'


def cost(result: SearchResult) -> list[str]:
    """Describe what each step changed and cost, one sentence each.

    Args:
        result: Result with its steps.
    """
    said = []
    for step in result.steps:
        name = STEP_NAMES.get(step.name, step.name.capitalize())
        if not step.moves:
            said.append(f"{name} changed nothing here.")
            continue
        lost = (
            f"gave up {percent(step.relevance_lost)} of the relevance" if step.relevance_lost else "cost no relevance"
        )
        count = len([move for move in step.moves if move.after is not None])
        said.append(f"{name} changed {count} {'place' if count == 1 else 'places'} and {lost}.")
    return said


def cost_view(result: SearchResult) -> str:
    """Render what the corrections changed and cost; empty if there are none.

    Args:
        result: Result with its steps.
    """
    if not result.steps or not result.hits:
        return ""
    return f'<section class="costs" role="status">{_steps(result)}{_ribbons(result)}</section>'


def _ribbons(result: SearchResult) -> str:
    through = orders(result)
    if len(through) == 1 or through[0] == through[-1]:
        return ribbon(through[-1], label="Languages by rank")
    return (
        '<div class="ribbons">'
        f'<span class="tag">before</span>{ribbon(through[0], label="Languages by rank, before the correction")}'
        f'<span class="tag now">after</span>{ribbon(through[-1], label="Languages by rank, after the correction")}</div>'
    )


def _steps(result: SearchResult) -> str:
    items = "".join(f"<li>{escape(said)}</li>" for said in cost(result))
    return f'<ul class="cost" aria-label="What the corrections cost">{items}</ul>' if items else ""


def _legend(report: LanguageReport, corrected: bool) -> str:
    ghost = '<span><i class="key key-ghost"></i> before</span>' if corrected else ""
    return (
        '<p class="legend"><span><i class="key key-bar"></i> share of the results</span>'
        f'<span><i class="key key-range"></i> {report.confidence:.0%} interval</span>'
        f'<span><i class="key key-mark"></i> share of the {escape(report.baseline)}</span>{ghost}</p>'
        '<p class="quiet">Lift is the share of the results divided by the share of the collection. Each interval is for '
        "its language alone: among many languages one may fall outside by chance.</p>"
    )


def _unmatched(result: SearchResult) -> str:
    """Render the languages whose passages could only be found by meaning."""
    if not result.unmatched:
        return ""
    names = listed([english_name(code) for code in result.unmatched], most=3)
    return f'<p class="quiet">No word of the query matched in {escape(names)}: found by meaning alone.</p>'


def _lift(share: LanguageShare) -> str:
    interval = share.lift_interval
    if share.lift is None or interval is None:
        return "(the collection has none of it)"
    return f"{share.lift:.1f}× ({interval[0]:.1f}–{interval[1]:.1f})"


def _row(share: LanguageShare, top: float, before: float | None) -> str:
    lift = "–" if share.lift is None else f"{share.lift:.1f}×"
    spoken = f"{share.count} of {share.total} hits, {share.share:.0%}; {share.baseline:.0%} of the collection"
    if before is not None:
        spoken += f"; {before:.0%} before the correction"
    interval = share.lift_interval
    hint = f"lift {_lift(share)}, {share.verdict}" if interval else spoken
    ghost = "" if before is None else f'<i class="ghost" style="left:{_part(before, top)}"></i>'
    high = min(share.high, top)
    whisker = f'<i class="range" style="left:{_part(share.low, top)};width:{_part(high - share.low, top)}"></i>'
    return (
        f'<tr class="{share.verdict}{"" if share.count else " none"}"><th scope="row"><i class="dot" '
        f'style="--hue:{hue(share.language)}"></i><bdi lang="{escape(share.language)}">'
        f"{escape(native_name(share.language))}</bdi> <small>{escape(share.language)}</small></th>"
        f'<td><div class="track" role="img" aria-label="{escape(spoken)}" title="{escape(spoken)}">'
        f'<i class="bar" style="width:{_part(share.share, top)};--hue:{hue(share.language)}"></i>{whisker}{ghost}'
        f'<i class="mark" style="left:{_part(share.baseline, top)}"></i></div></td>'
        f'<td class="number">{share.count}</td><td class="number lift" title="{escape(hint)}">{lift}</td></tr>'
    )


def _part(value: float, top: float) -> str:
    return f"{min(100.0, 100 * value / top):.1f}%"
