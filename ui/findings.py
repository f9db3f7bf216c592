"""Find what a query shows about language bias: the ranks of its answers' translations, or the languages on top."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from searchapp.client import SearchClient
from searchapp.datatypes import Hit, LanguageReport, SearchResult
from searchapp.search.language_report import language_report
from ui.asking import search
from ui.state import Settings

DEPTH = 300
"""Number of places of the ranking to examine."""
BEST = 100
"""Number of places whose languages are counted if the collection has no parallel passages."""
ANSWERS = 10
"""Number of answers whose translations are located."""
AT_LEAST = 10
"""Minimum distance in places at which a translation counts as late; twice the number of languages if that is more."""


@dataclass(frozen=True, slots=True)
class Version:
    """An answer in one language.

    Attributes:
        rank: Its rank; None if it is below the examined places.
        before: Its rank without the corrections; the same if there are none.
    """

    language: str
    rank: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on the page and its translations.

    Attributes:
        title: Title of the version that is ranked first.
        language: Language of that title.
        versions: One per language that has the answer, by rank.
        hits: Ids of the page's hits with the same content, best first.
        depth: Number of examined places.
    """

    title: str
    language: str
    versions: tuple[Version, ...]
    hits: tuple[str, ...]
    depth: int

    @property
    def first(self) -> Version:
        """Return the version that is ranked first."""
        return self.versions[0]

    def behind(self, version: Version) -> int | None:
        """Return the distance in places from the first version to another; None if that one was not found.

        Args:
            version: A version of the same answer.
        """
        return None if version.rank is None or self.first.rank is None else version.rank - self.first.rank

    @property
    def late(self) -> tuple[Version, ...]:
        """Return the versions that count as late, the last one first."""
        bound = max(AT_LEAST, 2 * len(self.versions))
        held = [version for version in self.versions if (places := self.behind(version)) is None or places >= bound]
        return tuple(reversed(held))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a query shows about its languages.

    Attributes:
        answers: Answers with their translations, by rank; empty if none is known.
        report: Languages of the best places compared with their shares of the searched passages.
        languages: Languages that were searched.
        corrected: Whether the ranking was corrected, so that `before` differs from `rank`.
        depth: Number of examined places.
        relevant: Number of passages that the encoder finds relevant; None if it has no threshold. With a threshold
            `report` compares the first places with the shares of these passages, not of the collection: a subject that
            only one language covers is not bias.
    """

    answers: tuple[Answer, ...]
    report: LanguageReport
    languages: tuple[str, ...]
    corrected: bool
    depth: int
    relevant: int | None = None

    @property
    def nothing(self) -> bool:
        """Return whether nothing relevant was found, so that there is nothing to report."""
        return self.relevant == 0


class Versions:
    """Caches the languages in which a group of translations exists. Thread-safe.

    Args:
        most: Maximum number of cached groups.
    """

    def __init__(self, *, most: int = 4_096) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str, str, str], frozenset[str]] = OrderedDict()

    def of(
        self, client: SearchClient, version: str, field: str, value: str | int | float, query: str
    ) -> frozenset[str]:
        """Find the languages of a group.

        Args:
            client: Client of the collection.
            version: Name of the live version, part of the cache's key.
            field: The metadata field that translations share.
            value: Value of that field, which names the group.
            query: Any text; it does not affect the result.
        """
        key = (client.collection, version, field, repr(value))
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = client.search(query, limit=BEST, filters={field: value}, mode="dense")
        languages = frozenset(hit.language for hit in found.hits)
        with self._lock:
            self._known[key] = languages
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return languages


def find(client: SearchClient, settings: Settings, *, known: Versions) -> Finding:
    """Examine the ranking of a query in depth.

    Args:
        client: Client of the collection.
        settings: The query and its settings; collapsed hits are examined individually.
        known: Cache of existing translations.
    """
    ranked = search(client, replace(settings, collapse="none", limit=DEPTH, page=1))
    plain = replace(
        settings, collapse="none", limit=DEPTH, page=1, balance=0.0, per_language=0, diversity=0.0, rerank=False
    )
    before = search(client, plain) if settings.corrects else ranked
    baseline = {share.language: share.baseline for share in ranked.report.shares if share.baseline > 0}
    field = client.manifest().configuration.translations_by or ""
    known_relevance = any(hit.relevant is not None for hit in ranked.hits)
    relevant = [hit for hit in ranked.hits if hit.relevant] if known_relevance else None
    answers: Iterable[Answer] = ()
    if field and len(baseline) > 1 and relevant != []:
        answers = _answers(client, settings, ranked, before, field=field, searched=set(baseline), known=known)
    return Finding(
        answers=tuple(answers),
        report=_report(ranked.hits, relevant, baseline, first=settings.limit),
        languages=tuple(baseline),
        corrected=settings.corrects,
        depth=len(ranked.hits),
        relevant=None if relevant is None else len(relevant),
    )


def _report(
    hits: Sequence[Hit], relevant: Sequence[Hit] | None, baseline: Mapping[str, float], *, first: int
) -> LanguageReport:
    """Compare the best places with the searched passages, or the first places with the relevant ones if known."""
    if relevant is None:
        return language_report([hit.language for hit in hits[:BEST]], baseline)
    shares = Counter(hit.language for hit in relevant)
    return language_report([hit.language for hit in relevant[:first]], shares, baseline_name="relevant passages")


def _answers(
    client: SearchClient,
    settings: Settings,
    ranked: SearchResult,
    before: SearchResult,
    *,
    field: str,
    searched: set[str],
    known: Versions,
) -> Iterable[Answer]:
    groups, earlier = _places(ranked.hits, field), _places(before.hits, field)
    page = ranked.hits[: settings.offset + settings.limit]
    values = list(dict.fromkeys(value for hit in page if (value := _value(hit, field)) is not None))
    for value in values[:ANSWERS]:
        places = groups[value]
        missing = searched - places.keys()
        if missing and len(ranked.hits) >= DEPTH:
            missing &= known.of(client, ranked.version, field, value, ranked.query[:1_000])
        elif missing:
            missing = set()
        was = earlier.get(value, {})
        versions = [Version(language, rank, was.get(language)) for language, rank in places.items()]
        versions += [Version(language, None, was.get(language)) for language in sorted(missing)]
        if len(versions) > 1:
            same = [hit for hit in page if _value(hit, field) == value]
            first = same[0]
            yield Answer(
                title=first.title or first.document_id,
                language=first.language,
                versions=tuple(versions),
                hits=tuple(hit.id for hit in same),
                depth=len(ranked.hits),
            )


def _places(hits: Sequence[Hit], field: str) -> Mapping[str | int | float, dict[str, int]]:
    """Return the best place of each language for each group of translations, in the order of the ranking."""
    found: dict[str | int | float, dict[str, int]] = {}
    for hit in hits:
        value = _value(hit, field)
        if value is not None:
            found.setdefault(value, {}).setdefault(hit.language, hit.rank)
    return found


def _value(hit: Hit, field: str) -> str | int | float | None:
    value = hit.payload.get(field)
    return value if isinstance(value, (str, int, float)) else None
