"""Compare two systems: paired tests per query language, corrected for their number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from searchapp.errors import ConfigurationError, InputError
from searchapp.evaluation.measures import Values
from searchapp.evaluation.results import MEAN, PerQuery
from searchapp.statistics.resampling import bootstrap_means, percentile_interval
from searchapp.statistics.significance import bootstrap_p, holm, randomisation_p

Method: TypeAlias = Literal["randomisation", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure in one query language.

    Attributes:
        language: Code, or `mean` for all languages together.
        pairs: Queries with a value in both systems; groups of translations for `mean`.
        low: Lower end of the 95 % interval of the difference (percentile bootstrap).
        high: Upper end.
        p: Two-sided p-value of no difference.
        corrected: p-value after Holm's correction over the languages; `mean` is a separate test.
    """

    measure: str
    language: str
    pairs: int
    first: float
    second: float
    low: float
    high: float
    p: float
    corrected: float

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.second - self.first

    @property
    def significant(self) -> bool:
        """Return whether the corrected p-value is below 0.05."""
        return self.corrected < 0.05


def compare(
    first: PerQuery,
    second: PerQuery,
    *,
    measure: str,
    method: Method = "randomisation",
    samples: int = 10_000,
    seed: int = 0,
) -> list[Comparison]:
    """Compare two systems on the same queries, per language and over all.

    Over all, the unit is the group of translations: its queries are not independent, so their mean is one value.

    Args:
        first: Values of system A.
        second: Values of system B.
        measure: Name such as `Mul mAP` or `rank distance`.
        method: `randomisation` swaps the systems' values at random (Fisher); `bootstrap` resamples queries (shifted to no
            difference).
        samples: Random draws; the smallest possible p-value is 1 / (samples + 1).
        seed: Seed of the draws.

    Raises:
        ConfigurationError: A system lacks the measure.
        InputError: The systems were evaluated on different queries.
    """
    for values in (first, second):
        if measure not in values.values:
            raise ConfigurationError(f"no values of {measure!r} by query; there are {', '.join(sorted(values.values))}")
    order = _aligned(first, second)
    one, other = first.values[measure], second.values[measure][order]
    known = np.isfinite(one) & np.isfinite(other)
    languages = np.array(first.languages)
    random = np.random.default_rng(seed)
    rows = []
    for language in sorted(set(first.languages)):
        chosen = known & (languages == language)
        if chosen.any():
            pair = one[chosen], other[chosen]
            rows.append(_test(measure, language, *pair, method=method, samples=samples, random=random))
    corrected = holm([row.p for row in rows])
    rows = [replace(row, corrected=p) for row, p in zip(rows, corrected, strict=True)]
    pair = _by_group(first, one, known), _by_group(first, other, known)
    whole = _test(measure, MEAN, *pair, method=method, samples=samples, random=random)
    return [*rows, whole]


def _test(
    measure: str,
    language: str,
    first: Values,
    second: Values,
    *,
    method: Method,
    samples: int,
    random: np.random.Generator,
) -> Comparison:
    differences = second - first
    if not len(differences):
        raise InputError(f"no query has a value of {measure!r} in both systems")
    means = bootstrap_means(differences, samples=samples, random=random)
    low, high = percentile_interval(means)
    if method == "bootstrap":
        p = bootstrap_p(means, float(differences.mean()))
    else:
        p = randomisation_p(differences, samples=samples, random=random)
    return Comparison(
        measure=measure,
        language=language,
        pairs=len(differences),
        first=float(first.mean()),
        second=float(second.mean()),
        low=low,
        high=high,
        p=p,
        corrected=p,
    )


def _aligned(first: PerQuery, second: PerQuery) -> list[int]:
    """Return the index in `second` of each query of `first`."""
    places = {qid: place for place, qid in enumerate(second.qids)}
    missing = [qid for qid in first.qids if qid not in places]
    if missing or len(places) != len(first.qids):
        example = f", such as {missing[0]!r}" if missing else ""
        raise InputError(
            f"the systems were asked different queries ({len(first.qids):,} and {len(places):,}, {len(missing):,} of the "
            f"first are not in the second{example}); evaluate both on the same task"
        )
    return [places[qid] for qid in first.qids]


def _by_group(per_query: PerQuery, values: Values, known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Values:
    """Average each group of translations; a query without a group is its own group."""
    names = [group or f"\x00{qid}" for group, qid in zip(per_query.groups, per_query.qids, strict=True)]
    kept = [name for name, use in zip(names, known, strict=True) if use]
    _, number = np.unique(np.array(kept, dtype=str), return_inverse=True)
    means: Values = np.bincount(number, values[known]) / np.bincount(number)
    return means
