"""What one query tells about language bias: where the translations of its answers stand, or who got the best places."""

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
"""Places of the ranking that are looked at."""
BEST = 100
"""Places whose languages are counted where the collection has no parallel passages."""
ANSWERS = 10
"""Answers whose translations are looked for."""
AT_LEAST = 10
"""Places by which a translation is called late, at least; with many languages it is twice their number."""


@dataclass(frozen=True, slots=True)
class Version:
    """An answer in one language.

    Attributes:
        rank: Its place; None when it is not among those looked at.
        before: Its place without the corrections; the same where there are none.
    """

    language: str
    rank: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the page, and its translations.

    Attributes:
        title: The title of the version that is found first.
        language: The language of that title.
        versions: One for each language that has it, in the order in which they are found.
        hits: Ids of the page's hits that say the same, best first.
        depth: Places that were looked at.
    """

    title: str
    language: str
    versions: tuple[Version, ...]
    hits: tuple[str, ...]
    depth: int

    @property
    def first(self) -> Version:
        """The version that is found first."""
        return self.versions[0]

    def behind(self, version: Version) -> int | None:
        """Count the places between the first version and another; None where that one was not found.

        Args:
            version: The other one.
        """
        return None if version.rank is None or self.first.rank is None else version.rank - self.first.rank

    @property
    def late(self) -> tuple[Version, ...]:
        """The versions that are held back, the last one first."""
        bound = max(AT_LEAST, 2 * len(self.versions))
        held = [version for version in self.versions if (places := self.behind(version)) is None or places >= bound]
        return tuple(reversed(held))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a query tells.

    Attributes:
        answers: Answers with their translations, as they are found; empty where none is known.
        report: Languages of the best places against their shares of what was searched.
        languages: Languages that were searched.
        corrected: Whether the ranking was corrected, so that `before` says something.
        depth: Places that were looked at.
        relevant: Passages that the encoder finds relevant; None where it has no threshold for that. Where it has one,
            `report` compares the first places with the shares of these passages, not of the collection: a subject that
            only one language writes about is no bias.
    """

    answers: tuple[Answer, ...]
    report: LanguageReport
    languages: tuple[str, ...]
    corrected: bool
    depth: int
    relevant: int | None = None

    @property
    def nothing(self) -> bool:
        """Whether nothing relevant was found, so that nothing is to be told."""
        return self.relevant == 0


class Versions:
    """Remembers in which languages a group of translations exists; thread-safe.

    Args:
        most: Groups that are remembered.
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
            client: The collection's client.
            version: The collection's version.
            field: The metadata field that translations share.
            value: Its value.
            query: Any text; what is found does not depend on it.
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
    """Look deep into the ranking of a query.

    Args:
        client: The collection's client.
        settings: The search; hits that it collapses are looked at apart.
        known: Remembers which translations exist.
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
    """Compare the best places with what was searched, or the first places with what is relevant where that is known."""
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
    """Group of translations -> language -> its best place, in the order of the ranking."""
    found: dict[str | int | float, dict[str, int]] = {}
    for hit in hits:
        value = _value(hit, field)
        if value is not None:
            found.setdefault(value, {}).setdefault(hit.language, hit.rank)
    return found


def _value(hit: Hit, field: str) -> str | int | float | None:
    value = hit.payload.get(field)
    return value if isinstance(value, (str, int, float)) else None
