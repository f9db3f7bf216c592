"""Compute lift: a language's share of the top k divided by its share without bias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np

from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.measures import Values
from searchapp.statistics.intervals import CONFIDENCE


@dataclass(frozen=True, slots=True)
class LiftMatrix:
    """Lift of each passage language for the queries of each language; arrays are (rows, columns).

    Attributes:
        rows: Query languages.
        columns: Passage languages.
        lift: Observed share / baseline share; NaN if the baseline is 0.
        low: Lower end of the interval.
        high: Upper end of the interval.
        baseline: Share of each column without bias.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lift: Values
    low: Values
    high: Values
    baseline: Mapping[str, float]

    @property
    def own(self) -> dict[str, float]:
        """Return the lift of each query language's own passages."""
        places = {column: number for number, column in enumerate(self.columns)}
        return {row: float(self.lift[number, places[row]]) for number, row in enumerate(self.rows) if row in places}


def lift_matrix(
    top_languages: IntArray,
    *,
    rows: Sequence[IntArray],
    row_names: Sequence[str],
    languages: Sequence[str],
    baseline: Mapping[str, float],
    k: int,
    confidence: float = CONFIDENCE,
) -> LiftMatrix:
    """Compute the lift at k of every passage language for every group of queries.

    Hits of one query are not independent (a query that finds one German passage finds more). Wilson's interval therefore uses
    the effective number of hits, at which independent hits would vary as much as the queries do (Kish's design effect).

    Args:
        top_languages: (queries, depth) language index of each hit, best first; -1 if there is none.
        rows: Queries of each group.
        row_names: Names of the groups.
        languages: Languages that the indices refer to.
        baseline: Weight per language on any scale, such as passages in the pool.
        k: Cut-off.
        confidence: Confidence level of the intervals.
    """
    columns = tuple(language for language in languages if language in baseline)
    weight = sum(baseline.values())
    shares = {language: baseline[language] / weight if weight else 0.0 for language in columns}
    shape = (len(rows), len(columns))
    lift, low, high = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    for column, language in enumerate(columns):
        hits = top_languages[:, :k] == languages.index(language)
        found = (top_languages[:, :k] >= 0).sum(axis=1)
        for row, members in enumerate(rows):
            if not shares[language]:
                continue
            ends = _interval(hits[members].sum(axis=1), found[members], confidence=confidence)
            lift[row, column], low[row, column], high[row, column] = (end / shares[language] for end in ends)
    return LiftMatrix(rows=tuple(row_names), columns=columns, lift=lift, low=low, high=high, baseline=shares)


def _interval(hits: IntArray, found: IntArray, *, confidence: float) -> tuple[float, float, float]:
    """Compute the share of the hits and its interval from hits and retrieved passages per query."""
    total = int(found.sum())
    if not total:
        return np.nan, np.nan, np.nan
    share = float(hits.sum()) / total
    independent = total
    if 0 < share < 1 and len(hits) > 1:
        # Variance of a ratio of sums over queries (the clusters).
        variance = float(((hits - share * found) ** 2).sum()) * len(hits) / (len(hits) - 1) / total**2
        if variance > 0:
            independent = int(np.clip(round(share * (1 - share) / variance), 1, total))
    low, high = wilson_interval(round(share * independent), independent, confidence=confidence)
    return share, min(low, share), max(high, share)


def wilson_interval(count: int, total: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Compute the interval of a share by Wilson's score method (1927).

    Args:
        count: Successes, 0 ≤ count ≤ total.
        total: Trials; 0 gives the whole of [0, 1].
        confidence: Confidence level in (0, 1).
    """
    if total == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = count / total
    centre = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if count == 0 else max(0.0, (centre - spread) / scale)
    high = 1.0 if count == total else min(1.0, (centre + spread) / scale)
    return low, high
