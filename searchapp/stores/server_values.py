"""Convert between this software's values and those of qdrant-client."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from qdrant_client import models

from searchapp.datatypes import Filters, SparseVector
from searchapp.stores.base import DEBIASED, DENSE, LEXICAL, Point, ScoredPoint
from searchapp.stores.filters import Condition, parse_filters


def to_server(point: Point) -> models.PointStruct:
    """Convert a point to the form that qdrant-client sends.

    Args:
        point: The point; without terms it gets no sparse vector.
    """
    vector: dict[str, Any] = {DENSE: np.asarray(point.dense).tolist()}
    if point.debiased is not None:
        vector[DEBIASED] = point.debiased.tolist()
    if point.sparse:
        vector[LEXICAL] = models.SparseVector(indices=list(point.sparse.indices), values=list(point.sparse.values))
    return models.PointStruct(id=point.id, vector=vector, payload=dict(point.payload))


def split(points: Iterable[models.PointStruct], *, most: int, most_bytes: int) -> Iterator[list[models.PointStruct]]:
    """Split points into requests with limited numbers of points and bytes; a larger point is sent on its own.

    Args:
        points: Points in the order in which they are sent.
        most: Maximum points per request.
        most_bytes: Maximum bytes of JSON per request, estimated.
    """
    batch: list[models.PointStruct] = []
    size = 0
    for point in points:
        own = _size(point)
        if batch and (len(batch) == most or size + own > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(point)
        size += own
    if batch:
        yield batch


def _size(point: models.PointStruct) -> int:
    """Estimate the bytes of a point as JSON: 22 characters per number of a vector, and the payload as written."""
    vectors: Any = point.vector or {}
    numbers = sum(2 * len(v.indices) if isinstance(v, models.SparseVector) else len(v) for v in vectors.values())
    return 22 * numbers + len(json.dumps(point.payload, ensure_ascii=False, default=str).encode("utf-8", "replace"))


def from_server(point: models.ScoredPoint | models.Record) -> ScoredPoint:
    """Convert a returned point; fields that were not requested stay empty.

    Args:
        point: The client's point, found by a search or fetched by id.
    """
    vectors: Any = point.vector or {}
    dense, sparse, debiased = vectors.get(DENSE), vectors.get(LEXICAL), vectors.get(DEBIASED)
    return ScoredPoint(
        id=str(point.id),
        score=float(getattr(point, "score", 0.0)),
        payload=point.payload or {},
        dense=None if dense is None else np.asarray(dense, dtype=np.float32),
        sparse=None if sparse is None else SparseVector(tuple(sparse.indices), tuple(sparse.values)),
        debiased=None if debiased is None else np.asarray(debiased, dtype=np.float32),
    )


def to_filter(filters: Filters | None) -> models.Filter | None:
    """Convert filters, which are combined with AND.

    Args:
        filters: Conditions by stored field; None or empty for all points.

    Returns:
        The client's filter; None for all points.
    """
    conditions = parse_filters(filters)
    return models.Filter(must=[_field(condition) for condition in conditions]) if conditions else None


def _field(condition: Condition) -> models.FieldCondition | models.Filter:
    options: list[models.FieldCondition] = []
    for field in condition.fields:
        if condition.bounds:
            options.append(models.FieldCondition(key=field, range=models.Range(**dict(condition.bounds))))
        options += [models.FieldCondition(key=field, match=match) for match in _matches(condition.values)]
        options += [models.FieldCondition(key=field, range=models.Range(gte=x, lte=x)) for x in condition.numbers]
    return options[0] if len(options) == 1 else models.Filter(should=list(options))


def _matches(values: Sequence[str | int | bool]) -> list[models.MatchAny | models.MatchValue]:
    """Match any of the values, with one condition for all texts and one for all integers: thousands would be slow."""
    texts = [value for value in values if isinstance(value, str)]
    integers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    truths = [models.MatchValue(value=value) for value in values if isinstance(value, bool)]
    return [
        *(models.MatchAny(any=texts) for _ in texts[:1]),
        *(models.MatchAny(any=integers) for _ in integers[:1]),
        *truths,
    ]
