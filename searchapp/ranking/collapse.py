"""The stage that shows one passage for several: the best of a document, or of passages that are translations of each other.

Translations are known by a field of the collection's payload that says so (`index build --translations-by FIELD`), together
with the passage's place in its document; else by their embeddings: two candidates in different languages are translations
when each is the other's nearest candidate in that language and their cosine reaches a threshold.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question
from searchapp.statistics.vectors import unit

ALIKE = 0.5
"""Cosine from which nearest candidates of two languages count as translations. With the built-in encoder, on held-out text
(`python -m benchmarks.translations`), 99 % of the pairs among a search's candidates are translations and 64 % of the
translations are found; at 0.4 these are 93 and 85 %, at 0.6 all and 35 %. Another encoder has other cosines."""


@dataclass(slots=True)
class _Group:
    """A candidate that is shown, and those that it stands for."""

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
    """Leaves out every passage of a document but the best one."""

    name: str = "collapse"
    needs_vectors: bool = False
    needs_payload: bool = True

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Give each document's first candidate."""
        return self.extend([], candidates)

    def extend(self, ranked: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
        """Add further candidates of other documents; the others join those that stand for them."""
        return _by_key(ranked, more, [_document(candidate) for candidate in (*ranked, *more)])


@dataclass(frozen=True, slots=True)
class TranslationCollapse:
    """Leaves out passages that are translations of a better one.

    Attributes:
        by: Metadata field whose value translations share; None to go by embeddings.
        alike: Least cosine of translations.
    """

    by: str | None = None
    alike: float = ALIKE
    name: str = "collapse"

    @property
    def needs_vectors(self) -> bool:
        """Whether embeddings decide."""
        return self.by is None

    @property
    def needs_payload(self) -> bool:
        """Whether a field decides."""
        return self.by is not None

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Give the first candidate of each group of translations."""
        return self.extend([], candidates)

    def extend(self, ranked: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
        """Add further candidates that are no translation of one above; the others join those that stand for them."""
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
    """Find pairs that are each other's nearest in the other's language, and alike enough.

    Args:
        vectors: One per item, any length; None is like nothing.
        languages: One per item.
        alike: Least cosine.

    Returns:
        (items, items), symmetric; False within a language.
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
    """Group by key; with `across`, only passages in other languages than those above. None is no group."""
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
    """What translations share: the field's value and the place in the document; None where the field is missing."""
    value = candidate.payload.metadata.get(by)
    return (value, candidate.payload.index) if isinstance(value, (str, int, float)) else None
