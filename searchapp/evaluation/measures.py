"""Measure the quality of a ranking from the exact ranks of the golds, or with ir-measures.

A *unit* is the item that a measure is computed for before averaging: a query, or a query and one language of the pool.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import Qrels, Run
from searchapp.errors import ConfigurationError, MissingExtraError
from searchapp.evaluation.indexing import IntArray
from searchapp.evaluation.scorer import RankArray

Values = NDArray[np.float64]
"""One value per unit; NaN if the measure is undefined."""

_NAME = re.compile(r"(mAP|AP|nDCG|R|RR|P)(?:@(\d+))?")
_NEEDS_CUT = {"R", "P"}


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure that can be computed from the ranks of the golds.

    Attributes:
        kind: `mAP`, `nDCG`, `R`, `RR` or `P`.
        cut: Last rank that counts; None for the whole pool.
    """

    kind: str
    cut: int | None = None

    @classmethod
    def parse(cls, name: str) -> Measure | None:
        """Parse a name such as `mAP`, `mAP@20` or `nDCG@10`; None if it is not one of these measures.

        Args:
            name: Name of a measure; `AP` is read as `mAP`.

        Raises:
            ConfigurationError: The cut-off is 0, or missing although the measure needs one.
        """
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        kind = "mAP" if match[1] == "AP" else match[1]
        cut = int(match[2]) if match[2] else None
        if cut == 0 or (cut is None and kind in _NEEDS_CUT):
            raise ConfigurationError(f"measure {name!r} needs a cut of 1 or more, such as {kind}@10")
        return cls(kind=kind, cut=cut)


def values_from_ranks(
    measure: Measure, *, ranks: RankArray, relevance: IntArray, units: IntArray, count: int
) -> Values:
    """Compute a measure for every unit.

    AP@k divides by min(golds, k), so that 1 is possible (XTREME-R). ir-measures' AP@k divides by all golds, which is
    the same for up to k golds. nDCG has linear gains, as in trec_eval. All other measures agree with ir-measures.

    Args:
        measure: Name and cut-off.
        ranks: (golds,) rank of each gold, from 1; infinity for golds that were not retrieved.
        relevance: (golds,) judged relevance, above 0.
        units: (golds,) the unit (such as a query) that each gold belongs to, in [0, count).
        count: Number of units; one without golds gets NaN.
    """
    golds = np.bincount(units, minlength=count).astype(np.float64)
    cut = np.inf if measure.cut is None else float(measure.cut)
    found = ranks <= cut
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure.kind == "mAP":
            share = np.where(found, _places(units, ranks) / ranks, 0.0)
            return np.bincount(units, share, minlength=count) / np.minimum(golds, cut)
        if measure.kind == "nDCG":
            gains = np.where(found, relevance / np.log2(ranks + 1), 0.0)
            place = _places(units, -relevance.astype(np.float64))
            ideal = np.where(place <= cut, relevance / np.log2(place + 1), 0.0)
            return np.bincount(units, gains, minlength=count) / np.bincount(units, ideal, minlength=count)
        if measure.kind == "RR":
            best = np.full(count, np.inf)
            np.minimum.at(best, units, ranks)
            return np.where(golds > 0, np.where(best <= cut, 1.0 / best, 0.0), np.nan)
        hits = np.bincount(units, found, minlength=count)
        return hits / golds if measure.kind == "R" else np.where(golds > 0, hits / cut, np.nan)


def _places(units: IntArray, keys: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the position of each item among those of its unit when sorted by key, from 1."""
    order = np.lexsort((keys, units))
    ordered = units[order]
    places = np.empty(len(units), dtype=np.float64)
    places[order] = np.arange(len(units)) - np.searchsorted(ordered, ordered) + 1
    return places


def values_from_run(name: str, *, qrels: Qrels, run: Run) -> Mapping[str, float]:
    """Compute any measure of ir-measures per query, with the run's own length as the cut-off.

    Args:
        name: Name that ir-measures knows, such as `Bpref` or `ERR@10`.
        qrels: qid -> pid -> relevance.
        run: qid -> pid -> score.

    Returns:
        qid -> value.

    Raises:
        ConfigurationError: ir-measures does not know the measure, or cannot compute it here.
        MissingExtraError: ir-measures is not installed.
    """
    try:
        import ir_measures
    except ImportError as error:
        raise MissingExtraError(feature=f"the measure {name!r}", extra="eval") from error
    try:
        measure = ir_measures.parse_measure(name)
        return {metric.query_id: float(metric.value) for metric in ir_measures.iter_calc([measure], qrels, run)}
    except (NameError, ValueError, SyntaxError, RuntimeError) as error:
        raise ConfigurationError(
            f"measure {name!r} cannot be computed ({error}); use mAP, mAP@k, nDCG@k, R@k, RR@k, P@k, "
            "or a name that ir-measures knows, such as Bpref or ERR@10"
        ) from error
