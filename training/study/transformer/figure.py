"""Plot quality against language bias, one point per strategy and size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from training.study.plots import COLOURS

PAPER = (
    ("XLM-R", "x-x-mono", 410.2, 0.5479), ("XLM-R", "x-y", 295.4, 0.5934), ("XLM-R", "hybrid", 286.6, 0.5927),
    ("LaBSE", "x-x-mono", 261.5, 0.6517), ("LaBSE", "x-y", 225.2, 0.6791), ("LaBSE", "hybrid", 221.1, 0.6817),
)  # fmt: skip
"""Published points (arXiv 2408.10536): base, batches, rank distance, multilingual mAP on XQuAD-R."""
UNTUNED = "#000000"


def plot_bias(points: Sequence[tuple[int, str, float, float]], path: Path) -> None:
    """Draw the figure.

    Args:
        points: Layers, strategy, rank distance, multilingual mAP.
        path: Path of the image.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    largest = max(layers for layers, *_ in points)
    for layers, strategy, distance, quality in points:
        size = 40 + 160 * layers / largest
        axes.scatter(distance, quality, s=size, color=COLOURS.get(strategy, UNTUNED), alpha=0.85, zorder=3)
        axes.annotate(str(layers), (distance, quality), color="white", fontsize=7, ha="center", va="center", zorder=4)
    for base, strategy, distance, quality in PAPER:
        axes.scatter(
            distance, quality, s=70, marker="D", facecolors="none", edgecolors=COLOURS[strategy], linewidths=1.5
        )
        axes.annotate(base, (distance, quality), fontsize=7, xytext=(5, -9), textcoords="offset points")
    names = [name for name in COLOURS if any(strategy == name for _, strategy, _, _ in points)]
    handles = [Line2D([], [], marker="o", linestyle="", color=COLOURS[name], label=name) for name in names]
    handles.append(Line2D([], [], marker="o", linestyle="", color=UNTUNED, label="untuned"))
    handles.append(Line2D([], [], marker="D", linestyle="", color="#555555", fillstyle="none", label="published"))
    axes.legend(handles=handles, fontsize=8)
    axes.set_xscale("log")
    axes.set_xlabel("rank distance on XQuAD-R (language bias; lower is better)")
    axes.set_ylabel("multilingual mAP on XQuAD-R")
    axes.set_title("Quality against language bias; numbers are layers", fontsize=10)
    axes.grid(alpha=0.3, which="both")
    figure.savefig(path, dpi=120)
