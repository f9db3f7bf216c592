"""Plan all texts that are searched for a query: its spans, a written passage and translations, each with a weight."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from searchapp.datatypes import UNKNOWN_LANGUAGE, FloatArray, LanguageSpan
from searchapp.encoders.base import Encoder
from searchapp.expansion.base import QueryWriter
from searchapp.options import Ranking
from searchapp.statistics.vectors import unit
from searchapp.text.normalise import normalize
from searchapp.text.scripts import script_of

logger = logging.getLogger(__name__)

TARGETS = 3
"""Maximum target languages of a translation: the largest ones of the collection that the query is not in."""

PASSAGE_WEIGHT = 0.5
"""Weight of the written passage, relative to the query's 1: the user's words matter more than the model's."""

TRANSLATION_WEIGHT = 0.5
SPAN_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A text that is searched together with the query.

    Attributes:
        text: Text to encode for the dense leg.
        weight: Weight of its vector and its terms, relative to the query's 1.
        lexical: The text with its language, for the lexical leg; None if the query already has its words.
    """

    text: str
    weight: float
    lexical: LanguageSpan | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Texts to search together with the query, and notes for the user."""

    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()


def plan(
    text: str,
    spans: Sequence[LanguageSpan],
    ranking: Ranking,
    *,
    writer: QueryWriter | None,
    languages: Mapping[str, int],
) -> Plan:
    """Plan the texts to search for a query. If the writer fails, plan only the query, with a note.

    `both` writes the passage first and translates query and passage together.

    Args:
        text: The query.
        spans: Spans of the query with their languages.
        ranking: Options of the search, with the kind of expansion.
        writer: Writes passages and translations, or None.
        languages: Number of searched passages per language.
    """
    parts = [
        Part(span.text.strip(), SPAN_WEIGHT)
        for span in (spans if ranking.spans and len(spans) > 1 else ())
        if span.text.strip()
    ]
    if ranking.expansion == "off" or writer is None:
        return Plan(tuple(parts))
    own = tuple(dict.fromkeys(span.language for span in spans))
    notes: list[str] = []
    expanded = text
    if ranking.expansion in ("passage", "both"):
        try:
            passage = normalize(writer.passage(text, own)).strip()
            parts.append(_written(passage, own[0] if len(own) == 1 else UNKNOWN_LANGUAGE, PASSAGE_WEIGHT))
            expanded = f"{text}\n{passage}"
        except Exception as error:  # a writer may raise anything; the user still gets a result
            notes.append(_failed("no passage was written for the query", error))
    if ranking.expansion in ("translate", "both"):
        ordered = sorted(languages, key=lambda code: (-languages[code], code))
        targets = [code for code in ordered if code not in (*own, UNKNOWN_LANGUAGE)][:TARGETS]
        translated, failures = _translations(writer, expanded, own[0] if len(own) == 1 else UNKNOWN_LANGUAGE, targets)
        parts += [_written(found, target, TRANSLATION_WEIGHT) for target, found in translated.items()]
        notes += failures
    return Plan(tuple(parts), tuple(notes))


def encode_with_parts(encoder: Encoder, texts: Sequence[str], plans: Sequence[Plan]) -> FloatArray:
    """Encode queries as (queries, dimension) unit vectors, each combined with the weighted vectors of its parts.

    Args:
        encoder: Encoder of the collection.
        texts: The queries, without operators.
        plans: Texts to search together with each query.
    """
    extra = [part.text for found in plans for part in found.parts]
    vectors = encoder.encode_queries([*texts, *extra])
    if not extra:
        return vectors
    joined: FloatArray = vectors[: len(texts)].copy()
    place = len(texts)
    for row, found in enumerate(plans):
        for part in found.parts:
            joined[row] += part.weight * vectors[place]
            place += 1
    return unit(joined)


def _translations(
    writer: QueryWriter, text: str, source: str, targets: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """Translate to all targets in parallel, because each call mostly waits."""
    found: dict[str, str] = {}
    failures: list[str] = []
    if not targets:
        return found, failures
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(targets)) as pool:
        calls = {target: pool.submit(writer.translate, text, source, target) for target in targets}
        for target, call in calls.items():
            try:
                found[target] = normalize(call.result()).strip()
            except Exception as error:
                failures.append(_failed(f"the query was not translated to {target}", error))
    return found, failures


def _written(text: str, language: str, weight: float) -> Part:
    return Part(text, weight, LanguageSpan(text, 0, len(text), language, 1.0, script_of(text)))


def _failed(what: str, error: Exception) -> str:
    logger.warning("%s: %s", what, error)
    return f"{what}, the plain query was searched: {error or type(error).__name__}"
