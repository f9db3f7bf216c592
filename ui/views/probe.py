"""Render the results of the same question in other languages, and how far they agree."""

from __future__ import annotations

from html import escape

from searchapp.datatypes import SearchResult
from searchapp.search.probe import ProbeResult, ProbeVariant
from searchapp.text.languages import english_name
from ui.views.orders import Placed
from ui.views.panel import ribbon
from ui.views.parts import badge, beginning, listed, percent, text_direction

MISSED = 6
"""Maximum number of missed passages to show."""


def probe_view(result: ProbeResult) -> str:
    """Render a description, a ribbon for each language, and what the original result lacks.

    Args:
        result: Answers to the question and to its translations.
    """
    rows = "".join(_variant(variant) for variant in result.variants)
    notes = "".join(f'<p class="note" role="note">{escape(note)}</p>' for note in result.notes)
    head = (
        '<thead><tr><th scope="col">Asked in</th><th scope="col">Languages of the answer, by rank</th>'
        '<th scope="col" class="number">Same passages</th><th scope="col" class="number">Same content</th>'
        '<th scope="col" class="number">Same order</th></tr></thead>'
    )
    return (
        '<section class="probe" aria-label="Counterfactual probe"><h2>What if you had asked in another language?</h2>'
        f'<p class="verdict">{escape(reading(result))}</p>{notes}<div class="scroll" tabindex="0" role="region" '
        f'aria-label="Answers by language"><table class="variants">{head}<tbody>{_original(result.original)}{rows}</tbody>'
        f"</table></div>{_missed(result)}"
        '<p class="quiet">Same passages: of the longer answer. Same content: documents, or groups of translations '
        f"({escape(result.groups)}). Same order: Spearman's correlation, −1 to 1.</p></section>"
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


def _places(result: SearchResult) -> str:
    return ribbon([Placed(hit.id, hit.language) for hit in result.hits], label="Languages by rank")


def _original(result: SearchResult) -> str:
    language = result.languages[0] if result.languages else "und"
    return (
        f'<tr class="asked"><th scope="row">{badge(language)}<span dir="{text_direction(language)}" '
        f'lang="{escape(language)}">{escape(result.query)}</span></th><td>{_places(result)}</td>'
        '<td class="number">–</td><td class="number">–</td><td class="number">–</td></tr>'
    )


def _variant(variant: ProbeVariant) -> str:
    language = escape(variant.language)
    order = "–" if variant.rank_correlation is None else f"{variant.rank_correlation:.2f}".replace("-", "−")
    return (
        f'<tr data-language="{language}"><th scope="row">{badge(variant.language)}<span '
        f'dir="{text_direction(variant.language)}" lang="{language}">{escape(variant.query)}</span></th>'
        f'<td>{_places(variant.result)}</td><td class="number">{percent(variant.overlap)}</td>'
        f'<td class="number">{percent(variant.group_overlap)}</td><td class="number">{order}</td></tr>'
    )


def _missed(result: ProbeResult) -> str:
    missed = result.missed
    if not missed:
        return ""
    items = "".join(
        f'<li>{badge(hit.language)}<p dir="{text_direction(hit.language)}" lang="{escape(hit.language)}"><b>'
        f"{escape(hit.title)}</b> {beginning(hit.text, hit.language, columns=160)}</p></li>"
        for hit in missed[:MISSED]
    )
    more = f'<p class="quiet">and {len(missed) - MISSED} more</p>' if len(missed) > MISSED else ""
    return f'<h3>What you would have missed</h3><div class="twins"><ul>{items}</ul></div>{more}'
