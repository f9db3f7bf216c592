"""Transform queries in one or several languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from searchapp.datatypes import FloatArray, LanguageSpan
from searchapp.debias.base import DebiasTransform
from searchapp.statistics.vectors import unit


def transform_mixed(
    transform: DebiasTransform, vectors: FloatArray, languages: Sequence[Mapping[str, float]]
) -> FloatArray:
    """Transform queries that may be in several languages with the weighted mean of the languages' transforms, renormalised.

    A mixed query's embedding contains a share of each language's signal, and every transform is linear before it
    renormalises. The weighted mean therefore removes exactly these shares. The transform of the longest span would remove
    too much of one language and nothing of the others.

    Args:
        transform: The fitted transform.
        vectors: (queries, dimension) unit vectors.
        languages: Language -> weight for each query; the weights need not sum to one.
        vectors: (queries, dimension), unit length.
        languages: Language -> weight for each query; the weights need not sum to one.
    """
    total = np.zeros_like(vectors)
    for language in sorted({code for weights in languages for code in weights}):
        rows = np.array([row for row, weights in enumerate(languages) if language in weights])
        share = np.array([languages[row][language] / sum(languages[row].values()) for row in rows], dtype=np.float32)
        total[rows] += share[:, None] * transform.transform_queries(vectors[rows], [language] * len(rows))
    return unit(total, otherwise=vectors)


def span_weights(spans: Sequence[LanguageSpan]) -> dict[str, float]:
    """Count the characters of a query by language.

    Args:
        spans: Spans of the query with their languages.

    Returns:
        Language -> number of characters, at least 1 per span.
    """
    weights: dict[str, float] = {}
    for span in spans:
        weights[span.language] = weights.get(span.language, 0.0) + max(1, len(span.text.strip()))
    return weights
