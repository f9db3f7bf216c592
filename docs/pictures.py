"""Draw the small examples of `concepts/bias.md`: `python docs/pictures.py`. The numbers are made up."""

from __future__ import annotations

from math import cos, log2, radians, sin
from pathlib import Path
from statistics import mean

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

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
    """Draw four golds side by side, and the same four spread out."""
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
    """Draw the same-language preference of three systems and the value by chance."""
    figure, axes = _canvas(height=2.2)
    axes.barh(["blind to language", "mixed", "own language first"], [0.12, 0.45, 0.97], color=OBSERVED, height=0.5)
    axes.axvline(1 / 11, color=BASELINE, linewidth=2)
    axes.text(1 / 11 + 0.01, -0.62, "chance, 1 of 11 languages", color=BASELINE, va="center")
    axes.set_xlim(0, 1)
    axes.set_ylim(2.5, -0.95)
    axes.set_xlabel("LPR")
    return figure


def consistency() -> Figure:
    """Draw the ranks of six passages for two translations of one question."""
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


def recall_of_languages() -> Figure:
    """Draw the places of the golds in the query's language and in other languages, with their recall in the first ten."""
    figure, axes = _canvas(height=1.9)
    for row, (golds, color) in enumerate((([1, 2, 4], OBSERVED), ([5, 9, 17, 22], BASELINE))):
        axes.plot(range(1, 26), [row] * 25, ".", color=MUTED, markersize=4)
        axes.plot(golds, [row] * len(golds), "o", color=color, markersize=10)
        found = sum(gold <= 10 for gold in golds)
        axes.text(25.8, row, f"{found} of {len(golds)}", color=color, va="center", fontweight="bold")
    axes.axvline(10.5, color="#475569", linestyle="--", linewidth=1)
    axes.text(10.7, -0.62, "k = 10", color="#475569", va="center")
    axes.set_yticks([0, 1], ["query's language", "other languages"])
    axes.set_xlim(0, 29)
    axes.set_ylim(1.6, -0.9)
    axes.set_xlabel("rank of each gold")
    return figure


def first_passage() -> Figure:
    """Draw the shares of the four kinds of first passages for two systems."""
    figure, axes = _canvas(height=2.3)
    kinds = ("right, query's language", "right, other language", "wrong, query's language", "wrong, other language")
    colors = (OBSERVED, "#5eead4", BASELINE, "#fcd34d")
    systems = {"mixes languages": (0.35, 0.45, 0.08, 0.12), "own language first": (0.55, 0.05, 0.37, 0.03)}
    left = [0.0] * len(systems)
    for place, (kind, color) in enumerate(zip(kinds, colors, strict=True)):
        shares = [values[place] for values in systems.values()]
        axes.barh(list(systems), shares, left=left, color=color, height=0.55, label=kind)
        left = [start + share for start, share in zip(left, shares, strict=True)]
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.invert_yaxis()
    axes.legend(frameon=False, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.18), fontsize=9)
    return figure


def language_aware_gain() -> Figure:
    """Draw the discounted gains of three rankings of two golds, one in the query's language and one translation."""
    figure, axes = _canvas(height=2.3)
    own, translation, wrong = (1.0, OBSERVED), (0.5, "#5eead4"), (0.0, MUTED)
    rankings = {
        "own, then translation": (own, translation, wrong, wrong),
        "translation, then own": (translation, own, wrong, wrong),
        "wrong passages first": (wrong, wrong, own, translation),
    }
    ideal = sum(gain / log2(rank + 1) for rank, (gain, _) in enumerate(rankings["own, then translation"], start=1))
    for name, passages in rankings.items():
        left = 0.0
        for rank, (gain, color) in enumerate(passages, start=1):
            part = gain / log2(rank + 1) / ideal
            axes.barh(name, part, left=left, color=color, height=0.5, edgecolor="white")
            left += part
        axes.text(left + 0.02, name, f"{left:.2f}", va="center", color="#475569", fontweight="bold")
    axes.set_xlim(0, 1.15)
    axes.set_xlabel("language-aware nDCG; dark: own language, light: translation")
    axes.invert_yaxis()
    return figure


def rank_test() -> Figure:
    """Draw the ranks of each language's golds, alike and apart, with the p-value of the Kruskal–Wallis test."""
    from scipy.stats import kruskal

    figure, panels = plt.subplots(1, 2, figsize=(6.4, 2.2), layout="constrained", sharey=True)
    cases = {
        "ranked alike": ([1, 6, 8, 12], [2, 5, 9, 11], [3, 4, 7, 10]),
        "Thai ranked lower": ([1, 3, 5, 8], [2, 4, 6, 7], [9, 10, 11, 12]),
    }
    for axes, (title, ranks) in zip(panels, cases.items(), strict=True):
        for row, golds in enumerate(ranks):
            axes.plot(golds, [row] * len(golds), "o", color=OBSERVED)
            axes.plot(sum(golds) / len(golds), row, "|", color=BASELINE, markersize=18, markeredgewidth=3)
        axes.set_title(f"{title}: p = {kruskal(*ranks).pvalue:.3f}", fontsize=10)
        axes.set_yticks(range(3), ["de", "en", "th"])
        axes.set_ylim(2.5, -0.5)
        axes.set_xlabel("rank; mark: mean")
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def alignment() -> Figure:
    """Draw unit vectors on a circle: pairs that are aligned and spread evenly, and pairs that cluster by language."""
    figure, panels = plt.subplots(1, 2, figsize=(6.4, 3.2), layout="constrained")
    even = [20, 95, 165, 240, 310]
    cases = {
        "aligned and uniform": (even, [angle + 9 for angle in even]),
        "grouped by language": ([55, 70, 85, 100, 115], [235, 250, 265, 280, 295]),
    }
    for axes, (title, angles) in zip(panels, cases.items(), strict=True):
        axes.add_patch(Circle((0, 0), 1, fill=False, color=MUTED))
        ends = [[(cos(radians(angle)), sin(radians(angle))) for angle in one] for one in angles]
        for question, answer in zip(*ends, strict=True):
            axes.plot(*zip(question, answer, strict=True), "-", color=MUTED, linewidth=1)
        for points, color, name in zip(ends, (OBSERVED, BASELINE), ("German", "Thai"), strict=True):
            axes.plot(*zip(*points, strict=True), "o", color=color, label=name)
        distance = mean(sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) for pair in zip(*ends, strict=True))
        axes.set_title(f"{title}\nalignment {distance:.2f}", fontsize=10)
        axes.set_aspect("equal")
        axes.axis("off")
    panels[0].legend(frameon=False, loc="center")
    return figure


def _canvas(*, height: float) -> tuple[Figure, Axes]:
    figure, axes = plt.subplots(figsize=(6.4, height), layout="constrained")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def main() -> None:
    """Write one picture per measure."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    plt.rcParams.update({"font.size": 10, "svg.hashsalt": "searchapp", "savefig.facecolor": "white"})
    pictures = {
        "lift": lift,
        "rank-distance": rank_distance,
        "preference": preference,
        "recall-of-languages": recall_of_languages,
        "first-passage": first_passage,
        "language-aware-gain": language_aware_gain,
        "consistency": consistency,
        "rank-test": rank_test,
        "alignment": alignment,
    }
    for name, draw in pictures.items():
        draw().savefig(FOLDER / f"{name}.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
