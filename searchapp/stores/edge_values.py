"""Convert between this software's values and those of Qdrant Edge."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import qdrant_edge as edge

from searchapp.datatypes import Filters, SparseVector
from searchapp.stores.base import DEBIASED, DENSE, LEXICAL, Point, ScoredPoint
from searchapp.stores.filters import Condition, parse_filters

POINT_BYTES = 2048
"""Estimated size of a point without its dense vectors, texts and metadata: terms and indexes."""


def to_edge(point: Point) -> edge.Point:
    """Convert a point, with lists of floats, which the engine reads faster than arrays (13 against 19 µs, 256-d).

    Args:
        point: The point; without terms it gets no sparse vector.
    """
    vector: dict[str, Any] = {DENSE: point.dense.tolist()}
    if point.debiased is not None:
        vector[DEBIASED] = point.debiased.tolist()
    if point.sparse:
        vector[LEXICAL] = to_sparse(point.sparse)
    return edge.Point(id=point.id, vector=vector, payload=dict(point.payload))


def disk_bytes(points: Sequence[Point]) -> int:
    """Estimate the disk space that points will take.

    Args:
        points: Points of one version, with or without debiased vectors.
    """
    metadata: dict[int, int] = {}  # the passages of a document share theirs, which is measured once
    total = 0
    for point in points:
        own = point.payload.get("metadata")
        if own and id(own) not in metadata:
            metadata[id(own)] = len(json.dumps(own, default=str))
        texts = sum(len(value.encode("utf-8", "replace")) for value in point.payload.values() if isinstance(value, str))
        vectors = point.dense.nbytes + (0 if point.debiased is None else point.debiased.nbytes)
        total += POINT_BYTES + vectors + texts + metadata.get(id(own), 0)
    return total


def to_sparse(vector: SparseVector) -> edge.SparseVector:
    """Convert term weights.

    Args:
        vector: Term numbers and their weights.
    """
    return edge.SparseVector(indices=vector.indices, values=vector.values)  # type: ignore[arg-type]  # any sequence


def from_hit(point: edge.ScoredPoint, *, bare: bool = False) -> ScoredPoint:
    """Convert a search hit; a bare one has only id and score, because reading each attribute calls into the engine.

    Args:
        point: The engine's hit.
        bare: Convert only id and score.
    """
    return ScoredPoint(str(point.id), point.score) if bare else _with_vectors(point, point.score)


def from_record(record: edge.Record) -> ScoredPoint:
    """Convert a fetched point; fields that were not requested stay empty.

    Args:
        record: The engine's record.
    """
    return _with_vectors(record, 0.0)


def _with_vectors(point: edge.ScoredPoint | edge.Record, score: float) -> ScoredPoint:
    vectors: Any = point.vector
    if not vectors:
        return ScoredPoint(str(point.id), score, point.payload or {})
    dense, sparse, debiased = vectors.get(DENSE), vectors.get(LEXICAL), vectors.get(DEBIASED)
    return ScoredPoint(
        id=str(point.id),
        score=score,
        payload=point.payload or {},
        dense=None if dense is None else np.asarray(dense, dtype=np.float32),
        sparse=None if sparse is None else SparseVector(tuple(sparse.indices), tuple(sparse.values)),
        debiased=None if debiased is None else np.asarray(debiased, dtype=np.float32),
    )


def to_filter(filters: Filters | None) -> edge.Filter | None:
    """Convert filters, which are combined with AND.

    Args:
        filters: Conditions by stored field; None or empty for all points.

    Returns:
        The engine's filter; None for all points.
    """
    conditions = parse_filters(filters)
    return edge.Filter(must=[_field(condition) for condition in conditions]) if conditions else None


def _field(condition: Condition) -> edge.FieldCondition | edge.Filter:
    options: list[edge.FieldCondition] = []
    for field in condition.fields:
        if condition.bounds:
            options.append(edge.FieldCondition(key=field, range=edge.RangeFloat(**dict(condition.bounds))))
        options += [edge.FieldCondition(key=field, match=match) for match in _matches(condition.values)]
        options += [edge.FieldCondition(key=field, range=edge.RangeFloat(gte=x, lte=x)) for x in condition.numbers]
    return options[0] if len(options) == 1 else edge.Filter(should=list(options))


def _matches(values: Sequence[str | int | bool]) -> list[edge.MatchAny | edge.MatchValue]:
    """Match any of the values with one condition per type; one per value takes 6 ms, and there may be thousands."""
    texts = [value for value in values if isinstance(value, str)]
    integers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    truths = [_match(value) for value in values if isinstance(value, bool)]
    return [*(edge.MatchAny(texts) for _ in texts[:1]), *(edge.MatchAny(integers) for _ in integers[:1]), *truths]


def _match(value: str | int | bool) -> edge.MatchValue:
    """Match a value. The engine reads Python's truth values as the numbers 0 and 1."""
    return edge.MatchValue(_Truth(value) if isinstance(value, bool) else value)  # type: ignore[arg-type]


class _Truth:
    """A truth value that is not a number: the engine recognises NumPy's truth values by the name of their type.

    NumPy's own type would work from version 2.4 on; before that its values can also be read as numbers.
    """

    def __init__(self, value: bool) -> None:
        self._value = value

    def __bool__(self) -> bool:
        return self._value


_Truth.__name__, _Truth.__module__ = "bool_", "numpy"
