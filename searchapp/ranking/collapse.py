"""Show one passage instead of several: the best of a document, or of passages that are translations of each other.

Translations are identified by a payload field (`index build --translations-by FIELD`) together with the passage's place in
its document. Without such a field embeddings decide: two candidates in different languages are translations if each is the
other's nearest candidate in that language and their cosine reaches a threshold.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question
from searchapp.statistics.vectors import unit

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
"""A field's name that is not a path to the engines."""

ALIKE = 0.5
"""Minimum cosine of translations. With the built-in encoder, on held-out text (`python -m benchmarks.translations`), 99 % of
the pairs found among a search's candidates are translations and 64 % of the translations are found; at 0.4 these are 93
and 85 %, at 0.6 100 and 35 %. Another encoder has other cosines."""


@dataclass(slots=True)
class _Group:
    """A candidate that is shown and those that it stands for."""

    shown: Candidate
    rest: list[Candidate] = field(default_factory=list)

    def closed(self) -> Candidate:
        if not self.rest:
            return self.shown
        also = {language: list(ids) for language, ids in self.shown.also_in.items()}
        for candidate in self.rest:
            also.setdefault(candidate.language, []).append(candidate.id)
            for language, ids in candidate.also_in.items():
                also.setdefault(language, []).extend(ids)
        return replace(self.shown, also_in={language: tuple(ids) for language, ids in also.items()})


@dataclass(frozen=True, slots=True)
class DocumentCollapse:
    """Removes all passages of a document except the best one."""

    name: str = "collapse"
    needs_vectors: bool = False
    needs_fields: tuple[str, ...] = ("document_id",)

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Keep the first candidate of each document.

        Args:
            candidates: Candidates, best first.
            question: The search; not used.
        """
        return self.extend([], candidates)

    def extend(self, ranked: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
        """Add further candidates from other documents; the others join the candidate of their document.

        Args:
            ranked: Candidates that are ranked already, best first; they stay.
            more: Further candidates, best first.
        """
        return _by_key(ranked, more, [_document(candidate) for candidate in (*ranked, *more)])


@dataclass(frozen=True, slots=True)
class TranslationCollapse:
    """Removes passages that are translations of a better one.

    Args:
        by: Metadata field whose value translations share; None to compare embeddings.
        alike: Minimum cosine of translations.
    """

    by: str | None = None
    alike: float = ALIKE
    name: str = "collapse"

    @property
    def needs_vectors(self) -> bool:
        """Return whether embeddings are compared."""
        return self.by is None

    @property
    def needs_fields(self) -> tuple[str, ...]:
        """The compared metadata field, and the place in the document; nothing if embeddings are compared."""
        if self.by is None:
            return ()
        return ("index", f"metadata.{self.by}" if _PLAIN.fullmatch(self.by) else "metadata")

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Keep the first candidate of each group of translations.

        Args:
            candidates: Candidates, best first, with vectors if embeddings are compared.
            question: The search; not used.
        """
        return self.extend([], candidates)

    def extend(self, ranked: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
        """Add further candidates that are not translations of one above; the others join the candidate of their group.

        Args:
            ranked: Candidates that are ranked already, best first; they stay.
            more: Further candidates, best first.
        """
        if self.by is not None:
            return _by_key(ranked, more, [_place(candidate, self.by) for candidate in (*ranked, *more)], across=True)
        everything = [*ranked, *more]
        matched = translations(
            [candidate.vector for candidate in everything], [c.language for c in everything], alike=self.alike
        )
        groups: dict[int, _Group] = {}
        for position, candidate in enumerate(everything):
            above = [row for row in np.flatnonzero(matched[position, :position]) if int(row) in groups]
            if position < len(ranked) or not above:
                groups[position] = _Group(candidate)
            else:
                groups[int(above[0])].rest.append(candidate)
        return [group.closed() for group in groups.values()]


def translations(vectors: Sequence[FloatArray | None], languages: Sequence[str], *, alike: float) -> NDArray[np.bool_]:
    """Find pairs of items that are each other's nearest in the other's language and similar enough.

    Args:
        vectors: One vector per item, of any length; None matches nothing.
        languages: One language per item.
        alike: Minimum cosine.

    Returns:
        (items, items) symmetric matrix; False within a language.
    """
    count = len(languages)
    known = [vector for vector in vectors if vector is not None]
    if not known:
        return np.zeros((count, count), dtype=bool)
    matrix = np.zeros((count, len(known[0])), dtype=np.float32)
    for row, vector in enumerate(vectors):
        if vector is not None:
            matrix[row] = vector
    matrix = unit(matrix)
    cosines = matrix @ matrix.T
    names = np.array(languages, dtype=object)
    nearest = np.zeros((count, count), dtype=bool)
    for language in dict.fromkeys(languages):
        columns = np.flatnonzero(names == language)
        rows = np.flatnonzero(names != language)
        nearest[rows, columns[np.argmax(cosines[np.ix_(rows, columns)], axis=1)]] = True
    found: NDArray[np.bool_] = nearest & nearest.T & (cosines >= alike)
    return found


def _by_key(
    ranked: Sequence[Candidate], more: Sequence[Candidate], keys: Sequence[Hashable | None], *, across: bool = False
) -> list[Candidate]:
    """Group by key; with `across`, only with passages in other languages. A key of None belongs to no group."""
    groups: list[_Group] = []
    first: dict[Hashable, _Group] = {}
    for place, (candidate, key) in enumerate(zip((*ranked, *more), keys, strict=True)):
        group = None if key is None or place < len(ranked) else first.get(key)
        if group is None or (across and candidate.language == group.shown.language):
            groups.append(_Group(candidate))
            if key is not None:
                first.setdefault(key, groups[-1])
        else:
            group.rest.append(candidate)
    return [group.closed() for group in groups]


def _document(candidate: Candidate) -> Hashable | None:
    return candidate.payload.document_id or None


def _place(candidate: Candidate, by: str) -> Hashable | None:
    """Return what translations share: the field's value and the place in the document; None if the field is missing."""
    value = candidate.payload.metadata.get(by)
    return (value, candidate.payload.index) if isinstance(value, (str, int, float)) else None
