"""Ask the same question in other languages and compare the results (a counterfactual probe).

A ranking without language bias gives the same result in whatever language a question is asked. The agreement of two results
is measured by the share of common passages, by the share of common content (documents, or groups of translations) and by
Spearman's correlation of the scores over the passages of both, as in MRC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from searchapp.datatypes import FloatArray, Hit, LanguageReport, Mode, SearchResult
from searchapp.errors import InputError
from searchapp.options import Ranking
from searchapp.search.arguments import check_targets, check_translations
from searchapp.statistics.correlations import spearman
from searchapp.stores.manifest import Manifest


class Translator(Protocol):
    """Translates short texts. Thread-safe."""

    def translate(self, text: str, source: str, target: str) -> str:
        """Translate a text; return an empty string if that is not possible.

        Args:
            text: A query.
            source: BCP 47 primary subtag, or `und`.
            target: BCP 47 primary subtag.
        """
        ...


class Prober(Protocol):
    """The methods of a client that a probe uses."""

    def search(self, query: str, *, limit: int, mode: Mode, ranking: Ranking) -> SearchResult:
        """Search for a query.

        Args:
            query: Text of the query.
            limit: Number of hits, 1 to 1,000.
            mode: `dense`, `lexical` or `hybrid`.
            ranking: Options for ranking the candidates.
        """
        ...

    def manifest(self) -> Manifest: ...


@dataclass(frozen=True, slots=True)
class ProbeVariant:
    """The question in another language, its result, and the agreement with the original result.

    Attributes:
        query: The translated question.
        result: Its result, with the language report.
        overlap: Number of common passages, divided by the number of hits of the longer result, in [0, 1].
        group_overlap: The same for documents or groups of translations.
        rank_correlation: Spearman's correlation over the passages of both results, -1 to 1; None if undefined (fewer
            than two passages, or all scores equal).
        missed: Hits of this result that the original one lacks, best first.
    """

    language: str
    query: str
    result: SearchResult
    overlap: float
    group_overlap: float
    rank_correlation: float | None
    missed: tuple[Hit, ...]

    @property
    def report(self) -> LanguageReport:
        """Return the language report of this result."""
        return self.result.report


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The original result and those of its translations.

    Attributes:
        groups: What a group is: `document`, or translations by a field.
        notes: Notes for the user, such as words that the lexicon lacks.
    """

    original: SearchResult
    variants: tuple[ProbeVariant, ...]
    groups: str
    notes: tuple[str, ...] = ()

    @property
    def overlap(self) -> float:
        """Mean share of passages shared with the original result."""
        return sum(variant.overlap for variant in self.variants) / len(self.variants)

    @property
    def group_overlap(self) -> float:
        """Mean share of documents or groups shared with the original result."""
        return sum(variant.group_overlap for variant in self.variants) / len(self.variants)

    @property
    def missed(self) -> tuple[Hit, ...]:
        """Hits that the original result lacks, each once, ordered by the best rank in any variant."""
        best: dict[str, Hit] = {}
        for variant in self.variants:
            for hit in variant.missed:
                if hit.id not in best or hit.rank < best[hit.id].rank:
                    best[hit.id] = hit
        return tuple(sorted(best.values(), key=lambda hit: (hit.rank, hit.id)))


def probe(
    client: Prober,
    query: str,
    translations: Mapping[str, str] | None = None,
    *,
    limit: int,
    mode: Mode,
    ranking: Ranking,
    translator: Translator | None = None,
    targets: Sequence[str] | None = None,
) -> ProbeResult:
    """Search for a question and its translations, and compare the results.

    Args:
        client: Searches the collection and gives its manifest.
        query: The question.
        translations: Language -> translation of the question.
        limit: Number of hits to compare.
        mode: `dense`, `lexical` or `hybrid`.
        ranking: Options for ranking the candidates.
        translator: Translates into the `targets` missing from `translations`; None to use only these.
        targets: Languages to translate into; default: those of the collection.

    Raises:
        InputError: There is no translation at all, or an argument is invalid.
    """
    original = client.search(query, limit=limit, mode=mode, ranking=ranking)
    manifest = client.manifest()
    wanted = check_translations(translations)
    notes: list[str] = []
    if translator is not None:
        source = original.languages[0] if original.languages else "und"
        for language in check_targets(targets) or list(manifest.languages):
            if language in wanted or language in original.languages:
                continue
            try:
                text = translator.translate(query, source, language).strip()
            except Exception as error:  # a translator may raise anything; try the other languages all the same
                notes.append(f"no translation into {language}: {error}")
                continue
            if text:
                wanted[language] = text
            else:
                notes.append(f"no translation into {language}")
    if not wanted:
        reason = f" ({'; '.join(notes)})" if notes else ""
        raise InputError(
            f"there is no translation to probe with{reason}: give some, such as {{'de': '…'}}, or a translator"
        )
    by = manifest.configuration.translations_by
    variants = []
    for language, text in wanted.items():
        result = client.search(text, limit=limit, mode=mode, ranking=ranking)
        variants.append(_variant(language, text, original, result, by=by))
    return ProbeResult(
        original=original,
        variants=tuple(variants),
        groups=f"translations by {by}" if by else "document",
        notes=tuple(notes),
    )


def rank_correlation(one: Sequence[Hit], other: Sequence[Hit]) -> float | None:
    """Compute Spearman's correlation over the passages of both results; missing passages share a result's last rank.

    Args:
        one: Hits of one result, best first.
        other: Hits of the other result, best first.

    Returns:
        Correlation between -1 and 1; None if it is not defined, as for fewer than two passages.
    """
    union = list(dict.fromkeys(hit.id for hit in (*one, *other)))
    first, second = _places(union, one), _places(union, other)
    value = float(spearman(first, second, np.ones((1, len(union)), dtype=bool))[0]) if union else np.nan
    return value if np.isfinite(value) else None


def _places(ids: Sequence[str], hits: Sequence[Hit]) -> FloatArray:
    place = {hit.id: hit.rank for hit in hits}
    return np.array([[place.get(id_, np.inf) for id_ in ids]], dtype=np.float32)


def _variant(
    language: str, query: str, original: SearchResult, result: SearchResult, *, by: str | None
) -> ProbeVariant:
    seen = _ids(original.hits)
    return ProbeVariant(
        language=language,
        query=query,
        result=result,
        overlap=_overlap([hit.id for hit in original.hits], [hit.id for hit in result.hits]),
        group_overlap=_group_overlap(original.hits, result.hits, by),
        rank_correlation=rank_correlation(original.hits, result.hits),
        missed=tuple(hit for hit in result.hits if hit.id not in seen),
    )


def _ids(hits: Sequence[Hit]) -> set[str]:
    """Return the ids of a result's hits and of the passages that they stand for."""
    return {hit.id for hit in hits} | {id_ for hit in hits for ids in hit.also_in.values() for id_ in ids}


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    longer = max(len(one), len(other))
    return len(set(one) & set(other)) / longer if longer else 1.0


def _group_overlap(one: Sequence[Hit], other: Sequence[Hit], by: str | None) -> float:
    """Return the share of common groups. A hit belongs to its own group, those that it stands for, and its document."""
    seen = {key for hit in one for key in _keys(hit, by)}
    groups: list[set[str]] = []
    for hit in other:
        keys = _keys(hit, by)
        if not any(keys & group for group in groups):
            groups.append(keys)
    mine = {_main(hit, by) for hit in one}
    longer = max(len(mine), len(groups))
    return sum(bool(group & seen) for group in groups) / longer if longer else 1.0


def _keys(hit: Hit, by: str | None) -> set[str]:
    return {_main(hit, by), hit.id, *(id_ for ids in hit.also_in.values() for id_ in ids)}


def _main(hit: Hit, by: str | None) -> str:
    value = hit.payload.get(by) if by else None
    return f"document {hit.document_id}" if value is None else f"{by}={value}"
