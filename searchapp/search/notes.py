"""What the user should know of a search beside its hits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from searchapp.ranking.candidates import Candidate
from searchapp.search.live import Serving
from searchapp.search.request import Request
from searchapp.stores.payload import Payload

SAMPLE = 256
"""Passages whose fields are looked at when a filter leaves nothing."""


def notes_on(request: Request, serving: Serving, *, no_terms: bool, empty: bool) -> tuple[str, ...]:
    """Collect the notes of a search in the order in which they are shown.

    Args:
        request: The search.
        serving: The version that was searched.
        no_terms: Whether the lexical leg was asked for and found no term in the query.
        empty: Whether there is no hit.
    """
    fields = _of_fields(request, serving) if empty and request.filters else ()
    return (*_of_the_query(request, serving, no_terms), *fields, *_of_debias(request, serving), *request.plan.notes)


def unmatched_languages(candidates: Sequence[Candidate], baseline: Mapping[str, int]) -> tuple[str, ...]:
    """Return the languages that were searched and in which the lexical leg matched no candidate, sorted.

    Args:
        candidates: The pool that the stages chose from.
        baseline: Passages by language in what was searched.
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
    """Say which fields of the filters no passage of a sample has: names are misspelled more often than they are rare."""
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
