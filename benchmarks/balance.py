"""Measure what balancing gains and costs: language bias against quality on XQuAD-R, for every method and λ.

    python -m benchmarks.balance --data ../shared/data [--write]     # for a finished version: nothing is chosen here

All searches go through `SearchClient`: hybrid, the first 100 hits of some of the questions (`--queries`). Excess is the share
of questions whose first gold is in their own language (LPR) minus the 1/11 expected by chance. Intervals (95 %) are for the
paired difference from λ = 0, with groups of translations as units. `--write` writes the curve to docs/images/balance.png
and the table into docs/balance.md, between its marks.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from benchmarks.hybrid import mean, xquad_client
from searchapp import Ranking, SearchClient
from searchapp.encoders.loading import load_encoder
from searchapp.evaluation.comparison import compare
from searchapp.evaluation.evaluate import Evaluation
from searchapp.evaluation.served import Configured, evaluate_searcher
from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.evaluation.tasks.loading import load_task
from searchapp.evaluation.tasks.sampling import sample_queries
from searchapp.options import Balance

DOCS = Path(__file__).parent.parent / "docs"
STRENGTHS = (0.25, 0.5, 0.75, 1.0)
MEASURES = ("Mo mAP", "Cr mAP", "Mul mAP", "rank distance", "LPR")
CHANCE = 1 / 11
LIMIT = 100


@dataclass(frozen=True)
class Row:
    """One method at one λ; `change` and `interval` compare Mo mAP with λ = 0."""

    method: str
    strength: float
    values: dict[str, float]
    change: float = 0.0
    interval: tuple[float, float] = (0.0, 0.0)

    @property
    def excess(self) -> float:
        return self.values["LPR"] - CHANCE


def curve(task: RetrievalTask, client: SearchClient) -> list[Row]:
    """Measure the plain ranking, then every method at every λ."""

    def run(ranking: Ranking) -> Evaluation:
        return evaluate_searcher(task, Configured(client, "hybrid", ranking), name="balance", limit=LIMIT)

    plain = run(Ranking())
    rows = [Row("none", 0.0, _values(plain))]
    for method in get_args(Balance):
        for strength in STRENGTHS:
            found = run(Ranking(balance=strength, balance_by=method))
            tested = compare(plain.per_query, found.per_query, measure="Mo mAP", samples=2000)[-1]
            rows.append(Row(method, strength, _values(found), tested.difference, (tested.low, tested.high)))
            print(_line(rows[-1], rows[0]), flush=True)
    return rows


def verdict(rows: Sequence[Row]) -> str:
    """Describe whether some λ halves the excess for at most two points of Mo mAP."""
    reached = [row for row in rows[1:] if row.excess <= rows[0].excess / 2 and row.change >= -0.02]
    if not reached:
        least = min(rows[1:], key=lambda row: row.excess)
        return (
            f"No method halves the excess for ≤ 2 points of Mo mAP: the least is {least.excess:.3f} "
            f"(`{least.method}`, λ = {least.strength:g}) from {rows[0].excess:.3f}."
        )
    best = max(reached, key=lambda row: row.values["Mul mAP"])
    return (
        f"`{best.method}` at λ = {best.strength:g} brings the excess from {rows[0].excess:.3f} to {best.excess:.3f} with Mo "
        f"mAP {best.change:+.3f} [{best.interval[0]:+.3f}, {best.interval[1]:+.3f}]; of those that halve it for ≤ 2 points, "
        f"it keeps the most Mul mAP ({best.values['Mul mAP']:.3f}; {rows[0].values['Mul mAP']:.3f} without)."
    )


def latency(task: RetrievalTask, client: SearchClient) -> dict[str, float]:
    """Return the warm median latency in milliseconds of ten hits, from text to result with report."""
    texts = [query.text for query in task.queries][:200]
    figures = {}
    for name, ranking in {"hybrid": Ranking(), "hybrid + balanced": Ranking(balance=0.5)}.items():
        taken = []
        for text in texts:
            begun = time.perf_counter()
            client.search(text, ranking=ranking)
            taken.append((time.perf_counter() - begun) * 1000)
        figures[name] = statistics.median(taken)
    return figures


def plot(rows: Sequence[Row], path: Path) -> None:
    """Plot excess against Mul mAP, one line per method starting at λ = 0."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7.5, 4.6), dpi=130, layout="constrained")
    for method, colour in zip(get_args(Balance), ("#0f766e", "#b45309", "#4338ca", "#be185d", "#15803d"), strict=True):
        points = [rows[0], *(row for row in rows if row.method == method)]
        across, up = [row.excess for row in points], [row.values["Mul mAP"] for row in points]
        axes.plot(across, up, marker="o", markersize=4, color=colour, label=method)
        axes.annotate(
            "λ = 1", (across[-1], up[-1]), xytext=(5, -10), textcoords="offset points", color=colour, fontsize=8
        )
    axes.plot(rows[0].excess, rows[0].values["Mul mAP"], "ks", markersize=7, label="λ = 0")
    axes.axvline(rows[0].excess / 2, color="0.6", linestyle=":", label="half the excess")
    axes.set_xlabel("same-language preference: LPR above chance (less is fairer)")
    axes.set_ylabel("Mul mAP, first 100 hits")
    axes.set_title("Balanced ranking on XQuAD-R, hybrid search", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="0.92")
    axes.legend(frameon=False)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path)


def write(rows: Sequence[Row], figures: dict[str, float], *, queries: int) -> None:
    """Write the table between the marks of docs/balance.md, and the curve next to it."""
    lines = [
        f"{queries} questions; warm p50 of ten hits: "
        + ", ".join(f"{name} {value:.1f} ms" for name, value in figures.items())
        + ".",
        "",
        "| method | λ | Mo mAP (change, 95 %) | Cr mAP | Mul mAP | rank distance | LPR | excess |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {row.method} | {row.strength:g} | {row.values['Mo mAP']:.3f} ({row.change:+.3f}, {row.interval[0]:+.3f} to "
            f"{row.interval[1]:+.3f}) | {row.values['Cr mAP']:.3f} | {row.values['Mul mAP']:.3f} | "
            f"{row.values['rank distance']:.1f} | {row.values['LPR']:.3f} | {row.excess:.3f} |"
            for row in rows
        ),
        "",
        verdict(rows),
    ]
    page = DOCS / "balance.md"
    text = page.read_text(encoding="utf-8")
    table = "<!-- table -->\n" + "\n".join(lines) + "\n<!-- end -->"
    page.write_text(re.sub(r"<!-- table -->.*<!-- end -->", lambda _: table, text, flags=re.DOTALL), encoding="utf-8")
    plot(rows, DOCS / "images" / "balance.png")


def _values(evaluation: Evaluation) -> dict[str, float]:
    return {name: mean(evaluation.per_query, name) for name in MEASURES}


def _line(row: Row, plain: Row) -> str:
    cells = "".join(f"{row.values[name]:10.3f}" for name in MEASURES)
    return f"{row.method:8} λ={row.strength:<5g}{cells}  excess {row.excess:.3f} of {plain.excess:.3f}, Mo {row.change:+.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", default="builtin")
    parser.add_argument("--queries", type=int, default=440)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    task = sample_queries(load_task("xquad-r", arguments.data / "xquad-r"), arguments.queries)
    with xquad_client(arguments.data, load_encoder(arguments.encoder)) as client:
        figures = latency(task, client)
        print(figures)
        rows = curve(task, client)
    print(verdict(rows))
    if arguments.write:
        write(rows, figures, queries=len(task.queries))


if __name__ == "__main__":
    main()
