"""Write tables and plots of the finished runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from searchapp.errors import InputError
from searchapp.files.json_file import read_json
from searchapp.statistics.estimates import Estimate
from training.markdown import markdown
from training.mixing import STRATEGIES
from training.study.plots import plot_alpha, plot_sizes
from training.study.settings import LANGUAGES, ZERO_SHOT

Result = dict[str, Any]
MEASURES = (("Mo", 4), ("Cr", 4), ("Mul", 4), ("rank distance", 0), ("LPR", 4))
TABLES = "tables.md"
COMPARED = (("hybrid", "x-x-mono"), ("hybrid", "x-y"), ("hybrid", "x-x"), ("x-y", "x-x-mono"))


def write_report(study: Path, folder: Path) -> None:
    """Write `tables.md` and the plots into a folder.

    Args:
        study: Folder of the study, with its settings and runs.
        folder: Folder to write to; created if it does not exist.

    Raises:
        InputError: No run is finished.
    """
    results = [read_json(path) for path in sorted((study / "runs").glob("*.json"))]
    if not results:
        raise InputError("no run is done there", path=study / "runs")
    settings = read_json(study / "settings.json")
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        "## XQuAD-R by size and strategy",
        _main_table(results),
        "## Differences, paired by seed",
        _differences(results),
        "## SimCSE, paired by seed",
        _simcse(results),
        f"## Share of monolingual batches, {settings['sweep_dimension']} dimensions",
        _alpha_table(results, settings["sweep_dimension"]),
        "## By query language, multilingual mAP",
        _languages(results, "Mul", 4),
        "## By query language, rank distance",
        _languages(results, "rank distance", 0),
        "## Held-out parts (development; not XQuAD-R)",
        _main_table(results, part="development"),
    ]
    (folder / TABLES).write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    plot_sizes(results, folder / "sizes.png")
    plot_alpha(_sweep(results, settings["sweep_dimension"]), folder / "alpha.png")


def _main_table(results: Sequence[Result], *, part: str = "xquad_r") -> str:
    measures = [(name, digits) for name, digits in MEASURES if any(name in result[part] for result in results)]
    lines = [["dimensions", "strategy", "SimCSE", "seeds", *(name for name, _ in measures)]]
    for dimension in _values(results, "dimension"):
        for strategy in ("start", *STRATEGIES):
            for simcse in (False, True):
                group = _chosen(results, dimension=dimension, strategy=strategy, simcse=simcse)
                if group:
                    cells = [
                        Estimate.of([run[part][m]["mean"] for run in group]).show(digits) for m, digits in measures
                    ]
                    label = "warm start" if strategy == "start" else strategy
                    lines.append([str(dimension), label, "on" if simcse else "off", str(len(group)), *cells])
    return markdown(lines)


def _differences(results: Sequence[Result]) -> str:
    lines = [["dimensions", "SimCSE", "difference", *(name for name, _ in MEASURES)]]
    for dimension in _values(results, "dimension"):
        for simcse in (False, True):
            for one, other in COMPARED:
                first = _chosen(results, dimension=dimension, strategy=one, simcse=simcse)
                second = _chosen(results, dimension=dimension, strategy=other, simcse=simcse)
                if cells := _paired(first, second):
                    lines.append([str(dimension), "on" if simcse else "off", f"{one} − {other}", *cells])
    return markdown(lines) + "\n\nBold: the 95 % interval leaves out zero."


def _simcse(results: Sequence[Result]) -> str:
    lines = [["dimensions", "strategy", *(name for name, _ in MEASURES)]]
    for dimension in _values(results, "dimension"):
        for strategy in STRATEGIES:
            with_it = _chosen(results, dimension=dimension, strategy=strategy, simcse=True)
            without = _chosen(results, dimension=dimension, strategy=strategy, simcse=False)
            if cells := _paired(with_it, without):
                lines.append([str(dimension), strategy, *cells])
    return markdown(lines)


def _paired(first: Sequence[Result], second: Sequence[Result]) -> list[str]:
    other = {run["seed"]: run for run in second}
    pairs = [(run, other[run["seed"]]) for run in first if run["seed"] in other]
    cells = []
    for name, digits in MEASURES if pairs else ():
        change = Estimate.of([a["xquad_r"][name]["mean"] - b["xquad_r"][name]["mean"] for a, b in pairs])
        shown = change.show(digits)
        cells.append(f"**{shown}**" if change.clear else shown)
    return cells


def _sweep(results: Sequence[Result], dimension: int) -> dict[float, list[Result]]:
    found: dict[float, list[Result]] = {}
    for run in results:
        if run["dimension"] == dimension and not run["simcse"] and run["strategy"] not in ("start", "x-x"):
            found.setdefault(run["alpha"], []).append(run)
    return dict(sorted(found.items()))


def _alpha_table(results: Sequence[Result], dimension: int) -> str:
    lines = [["α", "seeds", *(name for name, _ in MEASURES)]]
    for alpha, group in _sweep(results, dimension).items():
        cells = [Estimate.of([run["xquad_r"][m]["mean"] for run in group]).show(digits) for m, digits in MEASURES]
        lines.append([f"{alpha:g}", str(len(group)), *cells])
    return markdown(lines)


def _languages(results: Sequence[Result], measure: str, digits: int) -> str:
    dimension = max(_values(results, "dimension"))
    heads = [f"{code} (zero-shot)" if code in ZERO_SHOT else code for code in LANGUAGES]
    lines = [["dimensions", "strategy", *heads]]
    for strategy in ("start", *STRATEGIES):
        group = _chosen(results, dimension=dimension, strategy=strategy, simcse=False)
        if group:
            cells = [Estimate.of([run["xquad_r"][measure][code] for run in group]).show(digits) for code in LANGUAGES]
            lines.append([str(dimension), "warm start" if strategy == "start" else strategy, *cells])
    return markdown(lines)


def _values(results: Iterable[Result], key: str) -> list[int]:
    return sorted({run[key] for run in results})


def _chosen(results: Iterable[Result], *, dimension: int, strategy: str, simcse: bool) -> list[Result]:
    wanted: Callable[[Result], bool] = lambda run: (  # noqa: E731
        run["dimension"] == dimension and run["strategy"] == strategy and run["simcse"] == simcse
    )
    return sorted(filter(wanted, results), key=lambda run: run["seed"])
