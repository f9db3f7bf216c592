"""Define names for types of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]
"""A float32 array. Embeddings are (n, dimension), of unit length unless stated otherwise."""

Qrels: TypeAlias = dict[str, dict[str, int]]
"""qid -> pid -> relevance."""

Run: TypeAlias = dict[str, dict[str, float]]
"""qid -> pid -> score."""

Mode: TypeAlias = Literal["dense", "lexical", "hybrid"]

Filters: TypeAlias = Mapping[str, Any]
"""Payload field -> a value, a list of alternative values, or a range such as `{"gte": 1990, "lt": 2000}`."""

Fusion: TypeAlias = Literal["interleaved", "convex", "rrf", "wrrf", "dbsf"]
