"""Render the language panel: shares of the hits against the baseline, as plain HTML for screen readers."""

from __future__ import annotations

from dataclasses import dataclass

from searchapp.datatypes import LanguageReport, LanguageShare, SearchResult
from searchapp.text.languages import english_name
from ui.views.orders import Placed, orders
from ui.views.parts import listed, percent
from ui.views.templates import draw, html

ROWS = 16
"""Number of languages shown at once; the others are folded."""

STEP_NAMES = {
    "rerank": "Re-ranking",
    "collapse": "Collapsing",
    "balance": "Mixing",
    "diversity": "Diversity",
    "per language": "The limit per language",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A language's row.

    Attributes:
        said: The row in words.
        hint: Tooltip of the lift.
        width: Length of the bar, like all lengths a value of CSS in percent of the longest row.
        low: Start of the interval.
        spread: Length of the interval.
        baseline: Place of the baseline.
        ghost: Place of the share before a correction; empty if there was none.
    """

    share: LanguageShare
    said: str
    hint: str
    lift: str
    width: str
    low: str
    spread: str
    baseline: str
    ghost: str


def panel_view(result: SearchResult) -> str:
    """Render everything about a result's languages: in words, as a ribbon, as bars, and the cost of the corrections.

    Args:
        result: Result with its report and steps; may have no hits.
    """
    report = result.report
    total = report.shares[0].total if report.shares else 0
    before = result.steps[0].before if result.steps else None
    return draw(
        "panel",
        total=total,
        said=summary(report),
        orders=_orders(result),
        bars=html(bars(report, before)) if total else "",
        costs=cost(result),
        corrected=before is not None,
        confidence=report.confidence,
        baseline=report.baseline,
        unmatched=listed([english_name(code) for code in result.unmatched], most=3),
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
    rows = [_bar(share, top, was.get(share.language)) for share in report.shares]
    return draw("bars", shown=rows[:ROWS], folded=rows[ROWS:])


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
    return draw("costs", costs=cost(result), orders=_orders(result))


def _orders(result: SearchResult) -> list[list[Placed]]:
    """Return the first order and the last, or only one if they are the same."""
    through = orders(result)
    return [through[-1]] if through[0] == through[-1] else [through[0], through[-1]]


def _lift(share: LanguageShare) -> str:
    interval = share.lift_interval
    if share.lift is None or interval is None:
        return "(the collection has none of it)"
    return f"{share.lift:.1f}× ({interval[0]:.1f}–{interval[1]:.1f})"


def _bar(share: LanguageShare, top: float, before: float | None) -> Bar:
    said = f"{share.count} of {share.total} hits, {share.share:.0%}; {share.baseline:.0%} of the collection"
    if before is not None:
        said += f"; {before:.0%} before the correction"
    return Bar(
        share=share,
        said=said,
        hint=f"lift {_lift(share)}, {share.verdict}" if share.lift_interval else said,
        lift="–" if share.lift is None else f"{share.lift:.1f}×",
        width=_part(share.share, top),
        low=_part(share.low, top),
        spread=_part(min(share.high, top) - share.low, top),
        baseline=_part(share.baseline, top),
        ghost="" if before is None else _part(before, top),
    )


def _part(value: float, top: float) -> str:
    return f"{min(100.0, 100 * value / top):.1f}%"
