"""Plot quality and bias against size, and against the share of monolingual batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from searchapp.statistics.estimates import Estimate
from training.mixing import STRATEGIES

COLOURS = {"x-x": "#888888", "x-x-mono": "#d95f02", "x-y": "#1b6ca8", "hybrid": "#2a9d4a"}
PANELS = (
    ("Mo", "monolingual mAP"),
    ("Cr", "cross-lingual mAP"),
    ("Mul", "multilingual mAP"),
    ("rank distance", "rank distance (lower is better)"),
)


def plot_sizes(results: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw one panel per measure, solid without SimCSE and dashed with it; bars are 95 % intervals over seeds.

    Args:
        results: Results of the runs, as `Bench.execute` writes them.
        path: Image to write; its suffix decides the format.
    """
    from matplotlib.figure import Figure

    dimensions = sorted({run["dimension"] for run in results})
    figure = Figure(figsize=(11, 7.5), layout="constrained")
    for axes, (measure, title) in zip(figure.subplots(2, 2).flat, PANELS, strict=True):
        # Shifted slightly, so that intervals do not hide each other.
        for place, (strategy, simcse) in enumerate((s, on) for s in STRATEGIES for on in (False, True)):
            points = _points(results, dimensions, measure, strategy=strategy, simcse=simcse)
            if points:
                axes.errorbar(
                    [dimension * 1.02 ** (place - 3.5) for dimension, _ in points],
                    [estimate.mean for _, estimate in points],
                    yerr=[0.0 if estimate.count < 2 else estimate.half for _, estimate in points],
                    color=COLOURS[strategy],
                    linestyle="--" if simcse else "-",
                    marker="o",
                    markersize=4,
                    capsize=2,
                    label=f"{strategy}{' + SimCSE' if simcse else ''}",
                )
        start = _points(results, dimensions, measure, strategy="start", simcse=False)
        axes.plot([d for d, _ in start], [e.mean for _, e in start], "k:", label="warm start")
        axes.set_xscale("log", base=2)
        axes.set_xticks(dimensions, [str(dimension) for dimension in dimensions])
        axes.set_title(title)
        axes.set_xlabel("dimensions")
        axes.grid(alpha=0.3)
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    figure.savefig(path, dpi=110)


def plot_alpha(sweep: Mapping[float, Sequence[Mapping[str, Any]]], path: Path) -> None:
    """Draw quality on the left axis of each panel and rank distance on the right one.

    Args:
        sweep: Share of monolingual batches -> results of its runs, one per seed.
        path: Image to write; its suffix decides the format.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.8), layout="constrained")
    for axes, (measure, title) in zip(figure.subplots(1, 3), PANELS[:3], strict=True):
        bias = axes.twinx()
        for on, name, colour in ((axes, measure, "#2a9d4a"), (bias, "rank distance", "#d95f02")):
            estimates = [Estimate.of([run["xquad_r"][name]["mean"] for run in runs]) for runs in sweep.values()]
            on.errorbar(
                list(sweep),
                [estimate.mean for estimate in estimates],
                yerr=[0.0 if estimate.count < 2 else estimate.half for estimate in estimates],
                color=colour,
                marker="o",
                markersize=4,
                capsize=2,
            )
            on.tick_params(axis="y", colors=colour)
        axes.set_title(f"{title} (green), rank distance (orange)", fontsize=9)
        axes.set_xlabel("α, share of monolingual batches")
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)


def _points(
    results: Sequence[Mapping[str, Any]], dimensions: Sequence[int], measure: str, *, strategy: str, simcse: bool
) -> list[tuple[int, Estimate]]:
    points = []
    for dimension in dimensions:
        values = [
            run["xquad_r"][measure]["mean"]
            for run in results
            if run["dimension"] == dimension and run["strategy"] == strategy and run["simcse"] == simcse
        ]
        if values:
            points.append((dimension, Estimate.of(values)))
    return points
