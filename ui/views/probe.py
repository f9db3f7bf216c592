"""Render the results of the same question in other languages, and how far they agree."""

from __future__ import annotations

from searchapp.datatypes import SearchResult
from searchapp.search.probe import ProbeResult, ProbeVariant
from searchapp.text.languages import english_name
from ui.views.parts import beginning, listed, percent
from ui.views.templates import draw

MISSED = 6
"""Maximum number of missed passages to show."""


def probe_view(result: ProbeResult) -> str:
    """Render a description, a ribbon for each language, and what the original result lacks.

    Args:
        result: Answers to the question and to its translations.
    """
    original = result.original
    return draw(
        "probe",
        result=result,
        said=reading(result),
        language=original.languages[0] if original.languages else "und",
        orders=[_order(variant) for variant in result.variants],
        missed=[(hit, beginning(hit.text, hit.language, columns=160)) for hit in result.missed[:MISSED]],
        more=max(0, len(result.missed) - MISSED),
    )


def reading(result: ProbeResult) -> str:
    """Describe how far the results depend on the language of the question.

    Args:
        result: Answers to the question and to its translations.
    """
    count = len(result.variants)
    said = [
        f"Asked in {count} other {'language' if count == 1 else 'languages'}, the answers share "
        f"{percent(result.overlap)} of their passages with yours, and {percent(result.group_overlap)} of what they say."
    ]
    own = [variant for variant in result.variants if _leads(variant.result, variant.language)]
    if own:
        names = listed([english_name(variant.language) for variant in own])
        said.append(f"Asked in {names}, most of the hits are in that language.")
    if result.overlap == 1:
        said.append("The language of the question changes nothing here.")
    return " ".join(said)


def _leads(result: SearchResult, language: str) -> bool:
    shares = {share.language: share.count for share in result.report.shares}
    return shares.get(language, 0) > len(result.hits) / 2


def _order(variant: ProbeVariant) -> str:
    """Return the correlation of the ranks as it is shown."""
    return "–" if variant.rank_correlation is None else f"{variant.rank_correlation:.2f}".replace("-", "−")
