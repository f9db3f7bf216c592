"""Draw the small examples of `concepts/bias.md`: `python docs/pictures.py`. All numbers are invented to show a measure."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

FOLDER = Path(__file__).parent / "images" / "concepts"
OBSERVED, BASELINE, MUTED = "#0f766e", "#b45309", "#94a3b8"


def lift() -> Figure:
    """Draw each language's share of ten hits next to its share of the collection."""
    figure, axes = _canvas(height=2.6)
    languages, found, expected = ["en", "de", "es", "th"], [0.6, 0.2, 0.2, 0.0], [0.25, 0.25, 0.25, 0.25]
    axes.barh(languages, found, color=OBSERVED, height=0.55, label="share of the hits")
    axes.plot(expected, languages, "|", color=BASELINE, markersize=20, markeredgewidth=3, label="baseline")
    for row, (share, base) in enumerate(zip(found, expected, strict=True)):
        axes.text(max(share, base) + 0.02, row, f"lift {share / base:.1f}", va="center", color="#475569")
    axes.set_xlim(0, 0.8)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.invert_yaxis()
    axes.legend(frameon=False, loc="lower right")
    return figure


def rank_distance() -> Figure:
    """Four golds side by side, and the same four spread out."""
    figure, axes = _canvas(height=1.8)
    for row, golds in enumerate(([1, 2, 3, 4], [1, 3, 9, 24])):
        axes.plot(range(1, 26), [row] * 25, ".", color=MUTED, markersize=4)
        axes.plot(golds, [row] * 4, "o", color=OBSERVED, markersize=10)
        axes.annotate(
            "", (golds[0], row + 0.28), (golds[-1], row + 0.28), arrowprops={"arrowstyle": "<->", "color": BASELINE}
        )
        axes.text(
            golds[-1] + 0.6, row + 0.28, f"{golds[-1] - golds[0]}", color=BASELINE, va="center", fontweight="bold"
        )
    axes.set_yticks([0, 1], ["no bias", "biased"])
    axes.set_ylim(1.6, -0.5)
    axes.set_xlabel("rank")
    return figure


def preference() -> Figure:
    """Same-language preference of three systems above chance."""
    figure, axes = _canvas(height=2.2)
    axes.barh(["blind to language", "mixed", "own language first"], [0.12, 0.45, 0.97], color=OBSERVED, height=0.5)
    axes.axvline(1 / 11, color=BASELINE, linewidth=2)
    axes.text(1 / 11 + 0.01, -0.62, "chance, 1 of 11 languages", color=BASELINE, va="center")
    axes.set_xlim(0, 1)
    axes.set_ylim(2.5, -0.95)
    axes.set_xlabel("LPR")
    return figure


def consistency() -> Figure:
    """Ranks of six passages for two translations of one question."""
    figure, axes = _canvas(height=2.4)
    ranks = [(1, 2), (2, 1), (3, 3), (4, 6), (5, 4), (6, 5)]
    for one, other in ranks:
        axes.plot([0, 1], [one, other], "o-", color=OBSERVED)
    axes.set_xticks([0, 1], ["asked in German", "asked in Thai"])
    axes.set_xlim(-0.3, 1.3)
    axes.invert_yaxis()
    axes.set_ylabel("rank")
    axes.text(1.08, 3.5, "ρ = .77", color=BASELINE, va="center", fontweight="bold")
    return figure


def _canvas(*, height: float) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(6.4, height), layout="constrained")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def main() -> None:
    """Write one picture a measure."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    plt.rcParams.update({"font.size": 10, "svg.hashsalt": "searchapp", "savefig.facecolor": "white"})
    pictures = {"lift": lift, "rank-distance": rank_distance, "preference": preference, "consistency": consistency}
    for name, draw in pictures.items():
        draw().savefig(FOLDER / f"{name}.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
