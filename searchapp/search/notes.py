"""Write the notes of a search, shown to the user next to its hits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from searchapp.ranking.candidates import Candidate
from searchapp.search.live import Serving
from searchapp.search.request import Request
from searchapp.stores.payload import Payload

SAMPLE = 256
"""Number of passages whose fields are checked if a filter leaves no hits."""


def notes_on(request: Request, serving: Serving, *, no_terms: bool, empty: bool) -> tuple[str, ...]:
    """Collect the notes of a search in display order.

    Args:
        request: The search.
        serving: The version that was searched.
        no_terms: Whether the lexical leg was requested but found no term in the query.
        empty: Whether there are no hits.
    """
    fields = _of_fields(request, serving) if empty and request.filters else ()
    return (*_of_the_query(request, serving, no_terms), *fields, *_of_debias(request, serving), *request.plan.notes)


def unmatched_languages(candidates: Sequence[Candidate], baseline: Mapping[str, int]) -> tuple[str, ...]:
    """Return the searched languages in which the lexical leg matched no candidate, sorted.

    Args:
        candidates: The candidates that the stages ranked.
        baseline: Number of searched passages by language.
    """
    matched = {candidate.language for candidate in candidates if "lexical" in candidate.scores}
    return tuple(sorted(code for code, count in baseline.items() if count and code not in matched))


def _of_the_query(request: Request, serving: Serving, no_terms: bool) -> Iterator[str]:
    if no_terms:
        yield "the lexical leg found no searchable term in the query"
    languages = serving.manifest.languages
    wanted = (request.filters or {}).get("language")
    missing = [code for code in wanted if code not in languages] if isinstance(wanted, list) else []
    if missing:
        yield f"the collection has no passages in {', '.join(missing)}; it has {', '.join(languages)}"


def _of_fields(request: Request, serving: Serving) -> Iterator[str]:
    """Name the filter fields that no passage of a sample has: a misspelt name is likelier than a rare field."""
    points, _ = serving.store.scroll(limit=SAMPLE)
    there = sorted({name for point in points for name in Payload.read(point.payload).metadata})
    for field in request.filters or {}:
        name = field.removeprefix("metadata.").strip('"')
        if field.startswith("metadata.") and name not in there and name.partition(".")[0] not in there:
            known = ", ".join(there) or "none"
            yield f"none of the {len(points)} passages looked at has the field {name!r}; they have {known}"


def _of_debias(request: Request, serving: Serving) -> Iterator[str]:
    if request.ranking.debias and serving.debias is None:
        yield f"the collection has no debias transform; fit one with: searchapp debias fit {serving.manifest.collection}"
    elif request.ranking.debias and request.vector is None:
        yield "a lexical search has no vectors to debias"
