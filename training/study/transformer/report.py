"""Write the tables and the figure of the transformer study from its log."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.errors import InputError
from searchapp.files.json_log import read_log
from searchapp.statistics.estimates import Estimate
from searchapp.statistics.resampling import bootstrap_interval
from training.markdown import markdown
from training.mixing import STRATEGIES
from training.study.transformer.figure import plot_bias
from training.study.transformer.settings import ZERO_SHOT

MEASURES = (
    ("Mo", 4), ("Cr", 4), ("Mul", 4), ("rank distance", 0), ("LPR", 3), ("pool", 4), ("own pool", 4), ("SciFact", 4),
    ("bitext", 3), ("alignment", 3), ("uniformity", 2),
)  # fmt: skip
COMPARED = ("Mo", "Cr", "Mul", "rank distance", "pool", "SciFact")
PAIRS = (("hybrid", "x-y"), ("hybrid", "x-x-mono"), ("x-y", "x-x-mono"), ("x-x", "x-x-mono"))
OBJECTIVES = ("retrieval", "balance", "mean", "lakda", "mimo")
SHARES = ("right, same language", "right, other language", "wrong, same language", "wrong, other language")
DIGITS = dict(MEASURES)
TABLES, FIGURE = "transformer-tables.md", "transformer.png"


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run.

    Attributes:
        line: Its line of the log.
        queries: Measure -> value per question.
    """

    line: Mapping[str, Any]
    queries: Mapping[str, NDArray[np.float64]]

    def is_of(self, *, layers: int, strategy: str, objective: str = "retrieval", simcse: bool = False) -> bool:
        """Return whether the run has these settings.

        Args:
            layers: Number of layers of the encoder.
            strategy: Name of the mixing, such as `hybrid`, or `untuned`.
            objective: Name of the training objective.
            simcse: Whether SimCSE was added.
        """
        line = self.line
        return (line["layers"], line["strategy"], line["objective"], line["simcse"]) == (
            layers,
            strategy,
            objective,
            simcse,
        )


class Results:
    """All finished runs of a study.

    Args:
        study: Folder with `runs.jsonl` and `queries/` (or `queries.npz`).

    Raises:
        InputError: No run is finished.
    """

    def __init__(self, study: Path) -> None:
        path = study / "runs.jsonl"
        lines = list(read_log(path))
        self.choices = [line for line in lines if "means" not in line]
        self.runs = [Result(line, _queries(study, line["name"])) for line in lines if "means" in line]
        if not self.runs:
            raise InputError("no run is finished; run the study first", path=path)

    @cached_property
    def layers(self) -> list[int]:
        """Return the numbers of layers in ascending order."""
        return sorted({run.line["layers"] for run in self.runs if run.line["strategy"] == "untuned"})

    def of(self, layers: int, strategy: str, *, objective: str = "retrieval", simcse: bool = False) -> list[Result]:
        """Return the runs that differ only in the seed, ordered by it.

        Args:
            layers: Number of layers of the encoder.
            strategy: Name of the mixing, such as `hybrid`; `untuned` selects the cut bases, whatever the objective.
            objective: Name of the training objective.
            simcse: Whether SimCSE was added.
        """
        if strategy == "untuned":
            objective = "cut"
        found = [
            run for run in self.runs if run.is_of(layers=layers, strategy=strategy, objective=objective, simcse=simcse)
        ]
        return sorted(found, key=lambda run: int(run.line["seed"]))


def write_report(study: Path, folder: Path) -> None:
    """Write the tables and the figure.

    Args:
        study: Folder with the log.
        folder: Folder to write to.
    """
    results = Results(study)
    middle = results.layers[len(results.layers) // 2]
    parts = [
        "## By size, strategy and SimCSE",
        _main(results),
        "## Differences, paired by seed",
        "± half of the 95 % t interval over seeds; in brackets the 95 % bootstrap interval over queries. Bold: both "
        "intervals exclude zero.",
        _differences(results),
        "## SimCSE on − off, paired by seed",
        _simcse(results),
        "## Slope of the differences per doubling of the layers",
        _slopes(results),
        f"## Share of monolingual batches, {middle} layers",
        _alphas(results, middle),
        f"## Objectives on hybrid batches, {middle} layers",
        _objectives(results, middle),
        "## What comes first: meaning and language (XQuAD-R, all languages in the pool)",
        _shares(results),
        "## Multilingual mAP by query language",
        _languages(results),
        "## Choices on held-out rows (one seed, hybrid batches)",
        _choices(results),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TABLES).write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    points = [
        (layers, strategy, _mean(group, "rank distance"), _mean(group, "Mul"))
        for layers in results.layers
        for strategy in ("untuned", *STRATEGIES)
        if (group := results.of(layers, strategy))
    ]
    plot_bias(points, folder / FIGURE)


def _main(results: Results) -> str:
    lines = [["layers", "batches", "SimCSE", "seeds", *(name for name, _ in MEASURES)]]
    for layers in results.layers:
        for base in [run for run in results.runs if run.line["strategy"] == "base" and run.line["layers"] == layers]:
            lines.append([str(layers), "base, whole", "–", "1", *_cells([base])])
        for strategy in ("untuned", *STRATEGIES):
            for simcse in (False, True):
                if group := results.of(layers, strategy, simcse=simcse):
                    label = "–" if strategy == "untuned" else "on" if simcse else "off"
                    lines.append([str(layers), strategy, label, str(len(group)), *_cells(group)])
    return markdown(lines)


def _differences(results: Results) -> str:
    lines = [["layers", "SimCSE", "difference", *COMPARED]]
    for layers in results.layers:
        for simcse in (False, True):
            for one, other in PAIRS:
                first, second = results.of(layers, one, simcse=simcse), results.of(layers, other, simcse=simcse)
                if cells := _paired(first, second):
                    lines.append([str(layers), "on" if simcse else "off", f"{one} − {other}", *cells])
    return markdown(lines)


def _simcse(results: Results) -> str:
    lines = [["layers", "batches", *COMPARED]]
    for layers in results.layers:
        for strategy in STRATEGIES:
            if cells := _paired(results.of(layers, strategy, simcse=True), results.of(layers, strategy)):
                lines.append([str(layers), strategy, *cells])
    return markdown(lines)


def _slopes(results: Results) -> str:
    """Fit the differences of each seed with all sizes over log2(layers); return the mean slope with its interval."""
    lines = [["difference", *COMPARED]]
    for one, other in PAIRS[:3]:
        cells = []
        for measure in COMPARED:
            table: dict[int, list[tuple[float, float]]] = {}
            for layers in results.layers:
                for first, second in matched(results.of(layers, one), results.of(layers, other)):
                    change = first.line["means"][measure] - second.line["means"][measure]
                    table.setdefault(first.line["seed"], []).append((math.log2(layers), change))
            whole = [np.array(points) for points in table.values() if len(points) == len(results.layers)]
            slopes = [float(np.polyfit(points[:, 0], points[:, 1], 1)[0]) for points in whole]
            cells.append(_bold(Estimate.of(slopes), DIGITS[measure]) if slopes else "–")
        lines.append([f"{one} − {other}", *cells])
    return markdown(lines)


def _alphas(results: Results, layers: int) -> str:
    names = {run.line["strategy"] for run in results.runs if run.line["strategy"].startswith("alpha")}
    points = {float(name[5:]): name for name in names} | {
        mixing.alpha: name for name, mixing in STRATEGIES.items() if name != "x-x"
    }
    lines = [["α", "seeds", *(name for name, _ in MEASURES)]]
    for alpha, name in sorted(points.items()):
        if group := results.of(layers, name):
            lines.append([f"{alpha:g}", str(len(group)), *_cells(group)])
    return markdown(lines)


def _objectives(results: Results, layers: int) -> str:
    lines = [["objective", "seeds", *(name for name, _ in MEASURES)]]
    plain = results.of(layers, "hybrid")
    for objective in OBJECTIVES:
        group = results.of(layers, "hybrid", objective=objective)
        if group:
            lines.append([objective, str(len(group)), *_cells(group)])
    changes = [["difference", *COMPARED]]
    for objective in OBJECTIVES[1:]:
        if cells := _paired(results.of(layers, "hybrid", objective=objective), plain):
            changes.append([f"{objective} − retrieval", *cells])
    return f"{markdown(lines)}\n\n{markdown(changes)}"


def _shares(results: Results) -> str:
    lines = [["layers", "batches", *SHARES]]
    for layers in results.layers:
        for strategy in ("untuned", *STRATEGIES):
            if group := results.of(layers, strategy):
                lines.append([str(layers), strategy, *(_estimate(group, name).show(3) for name in SHARES)])
    return markdown(lines)


def _languages(results: Results) -> str:
    codes = sorted(results.runs[0].line["by_language"]["Mul"])
    lines = [["layers", "batches", *(f"{code} (zero-shot)" if code in ZERO_SHOT else code for code in codes)]]
    for layers in results.layers:
        for strategy in ("untuned", *STRATEGIES):
            if group := results.of(layers, strategy):
                cells = [Estimate.of([run.line["by_language"]["Mul"][code] for run in group]).show(3) for code in codes]
                lines.append([str(layers), strategy, *cells])
    return markdown(lines)


def _choices(results: Results) -> str:
    lines = [["choice", "parts, mAP", "questions, nDCG@10", "mean"]]
    for line in results.choices:
        figures = line["development"]
        cells = [f"{figures[name]:.4f}" for name in ("parts", "questions", "mean")]
        lines.append([line["name"].removeprefix("choice/"), *cells])
    return markdown(lines)


def matched(first: Sequence[Result], second: Sequence[Result]) -> list[tuple[Result, Result]]:
    """Pair runs of the same seed; a run without a partner is left out.

    Args:
        first: Runs that come first in the pairs, with different seeds.
        second: Runs that come second, with different seeds.
    """
    other = {run.line["seed"]: run for run in second}
    return [(run, other[run.line["seed"]]) for run in first if run.line["seed"] in other]


def _paired(first: Sequence[Result], second: Sequence[Result]) -> list[str]:
    pairs = matched(first, second)
    return [_difference(pairs, measure) for measure in COMPARED] if pairs else []


def _difference(pairs: Sequence[tuple[Result, Result]], measure: str) -> str:
    change = Estimate.of([one.line["means"][measure] - other.line["means"][measure] for one, other in pairs])
    per_query = np.mean([one.queries[measure] - other.queries[measure] for one, other in pairs], axis=0)
    low, high = bootstrap_interval(per_query)
    digits = DIGITS[measure]
    text = (
        f"{change.show(digits)} [{Estimate(low, math.nan, 1).show(digits)}, {Estimate(high, math.nan, 1).show(digits)}]"
    )
    return f"**{text}**" if change.clear and low * high > 0 else text


def _cells(group: Sequence[Result]) -> list[str]:
    return [_estimate(group, name).show(digits) for name, digits in MEASURES]


def _estimate(group: Sequence[Result], measure: str) -> Estimate:
    return Estimate.of([run.line["means"][measure] for run in group])


def _mean(group: Sequence[Result], measure: str) -> float:
    return _estimate(group, measure).mean


def _bold(estimate: Estimate, digits: int) -> str:
    return f"**{estimate.show(digits)}**" if estimate.clear else estimate.show(digits)


def _queries(study: Path, name: str) -> dict[str, NDArray[np.float64]]:
    key = name.replace("/", "-")
    if (study / "queries.npz").exists():
        with np.load(study / "queries.npz") as file:
            return {k.partition(":")[2]: v.astype(np.float64) for k, v in file.items() if k.partition(":")[0] == key}
    with np.load(study / "queries" / f"{key}.npz") as file:
        return {measure: values.astype(np.float64) for measure, values in file.items()}
