"""Measure every debias transform on XQuAD-R: `python -m benchmarks.debias --data ../shared/data [--output docs/debias.md]`.

Nothing is fitted on a question or a qrel. "translations" are FLORES-200 and NTREX-128. "the collection" is the pool itself,
as in `searchapp debias fit`. "the other half" fits on the passages of half of the articles and uses only the questions of
the other half, in the whole pool, and vice versa, so that no transform has seen the golds that it ranks. The settings were
chosen on held-out text with `python -m benchmarks.debias_choice`. Intervals (95 %) are for the difference from no transform,
from a bootstrap over the questions (a question in all languages is one unit).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from index_builder.parallel_text import read_parallel
from searchapp.datatypes import FloatArray
from searchapp.debias.base import DebiasTransform
from searchapp.debias.loading import fit_transform
from searchapp.encoders.base import Encoder
from searchapp.encoders.loading import load_encoder
from searchapp.evaluation.comparison import compare
from searchapp.evaluation.debiasing import debias_stage
from searchapp.evaluation.evaluate import encode_task, evaluate_embeddings
from searchapp.evaluation.results import PerQuery, System
from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.evaluation.tasks.loading import load_task

MEASURES = ("Mo mAP", "Cr mAP", "Mul mAP", "rank distance", "LPR")
SOURCES = ("flores200", "ntrex128")
SAMPLES = 2_000
MARKS = ("<!-- table: python -m benchmarks.debias -->", "<!-- end of table -->")


@dataclass(frozen=True, slots=True)
class Fitted:
    """The data that a transform is fitted on: vectors, their languages and groups of translations."""

    vectors: FloatArray
    languages: tuple[str, ...]
    groups: tuple[int, ...] | None = None

    def part(self, rows: Sequence[int]) -> Fitted:
        """Return some of the rows."""
        groups = None if self.groups is None else tuple(self.groups[row] for row in rows)
        return Fitted(self.vectors[list(rows)], tuple(self.languages[row] for row in rows), groups)

    def fit(self, method: str, rank: int | None) -> DebiasTransform:
        """Fit a method."""
        return fit_transform(method, self.vectors, self.languages, groups=self.groups, rank=rank)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; `intervals` are for the differences from no transform."""

    transform: str
    fitted_on: str
    size: int
    values: dict[str, float]
    intervals: dict[str, tuple[float, float]]


class Bench:
    """XQuAD-R's embeddings, and the figures of transforms of them."""

    def __init__(self, data: Path, encoder: Encoder) -> None:
        self.task: RetrievalTask = load_task("xquad-r", data / "xquad-r", languages=(), split=None, places=[])
        self.queries, self.passages = encode_task(self.task, encoder)
        self.plain = self._ranked(self.queries, self.passages)
        self.pool = Fitted(self.passages, tuple(passage.language for passage in self.task.passages))
        articles = [passage.document_id.split("/")[1] for passage in self.task.passages]
        half = {article: number % 2 for number, article in enumerate(sorted(set(articles), key=int))}
        self.halves = np.array([half[article] for article in articles])
        place = {passage.id: row for row, passage in enumerate(self.task.passages)}
        self.asked = np.array(
            [self.halves[place[next(iter(self.task.qrels[query.id]))]] for query in self.task.queries]
        )

    def whole(self, transform: DebiasTransform) -> PerQuery:
        """Return the figures of every query."""
        return self._ranked(*debias_stage(self.task, transform)(self.queries, self.passages))

    def folded(self, method: str, rank: int | None) -> PerQuery:
        """Return the figures of every query with the transform fitted on the other half of the articles."""
        found = [
            self.whole(self.pool.part(np.flatnonzero(self.halves == half).tolist()).fit(method, rank))
            for half in (0, 1)
        ]
        values = {name: np.where(self.asked == 1, found[0].values[name], found[1].values[name]) for name in MEASURES}
        return replace(found[0], values=values)

    def _ranked(self, queries: FloatArray, passages: FloatArray) -> PerQuery:
        system = System(kind="encoder", name="debias")
        return evaluate_embeddings(
            self.task, queries=queries, passages=passages, system=system, measures=("mAP",)
        ).per_query

    def row(self, transform: str, fitted_on: str, size: int, found: PerQuery) -> Row:
        """Compute means over the query languages, and intervals of the differences."""
        languages = np.array(found.languages)
        values, intervals = {}, {}
        for name in MEASURES:
            means = [np.nanmean(found.values[name][languages == code]) for code in sorted(set(found.languages))]
            values[name] = float(np.mean(means))
            test = compare(self.plain, found, measure=name, method="bootstrap", samples=SAMPLES)[-1]
            intervals[name] = (test.low, test.high)
        return Row(transform, fitted_on, size, values, intervals)


def translations(data: Path, encoder: Encoder, languages: Sequence[str], *, sample: int | None) -> Fitted:
    """Encode the translations in the pool's languages."""
    text = read_parallel(data / "translations.parquet", languages=set(languages), sources=SOURCES, sample=sample)
    blocks = [encoder.encode_passages(text.texts[start : start + 4096]) for start in range(0, len(text.texts), 4096)]
    return Fitted(np.concatenate(blocks), text.languages, text.groups)


def rows(bench: Bench, parallel: Fitted) -> Iterator[Row]:
    """Yield the rows of the table as they are finished."""
    whole, half, size = len(bench.passages), len(bench.passages) // 2, len(parallel.vectors)
    small = parallel.part(range(sum(group < 100 for group in parallel.groups or ())))
    yield bench.row("none", "", 0, bench.plain)
    yield bench.row("counterparts", "the collection", whole, bench.whole(bench.pool.fit("counterparts", None)))
    yield bench.row("counterparts", "the other half", half, bench.folded("counterparts", None))
    yield bench.row("counterparts", "translations", size, bench.whole(parallel.fit("counterparts", None)))
    for method, rank in (("centering", None), ("lir", 1), ("lsar", 1)):
        name = f"{method}, rank {rank}" if rank else method
        yield bench.row(name, "the collection", whole, bench.whole(bench.pool.fit(method, rank)))
        yield bench.row(name, "the other half", half, bench.folded(method, rank))
        yield bench.row(name, "translations", size, bench.whole(parallel.fit(method, rank)))
    most = len(set(parallel.languages)) - 1
    yield bench.row(f"lsar, rank {most}", "translations", size, bench.whole(parallel.fit("lsar", most)))
    for part in (small, parallel):
        yield bench.row("shift, α 0.6", "translations", len(part.vectors), bench.whole(part.fit("shift", None)))


def line(row: Row, plain: Row) -> str:
    """Format a row of the Markdown table."""
    cells = []
    for name in MEASURES:
        value, (low, high) = row.values[name], row.intervals[name]
        if name == "rank distance":
            change = value / plain.values[name] - 1
            cells.append(
                f"{value:,.0f}" + (f" ({change:+.1%}: {low:+,.0f} to {high:+,.0f})" if row is not plain else "")
            )
        else:
            cells.append(f"{value:.3f}" + (f" ({low:+.3f} to {high:+.3f})" if row is not plain else ""))
    size = f"{row.size:,}" if row.size else ""
    return " | ".join([f"| {row.transform}", row.fitted_on, size, *cells]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", default="builtin")
    parser.add_argument("--output", type=Path, default=None, help="a Markdown file whose marked table is replaced")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    begun = time.perf_counter()
    page = None if arguments.output is None else arguments.output.read_text(encoding="utf-8")  # fail early if missing
    encoder = load_encoder(arguments.encoder)
    bench = Bench(arguments.data, encoder)
    parallel = translations(arguments.data, encoder, bench.task.passage_languages, sample=None)
    head = [
        "| transform | fitted on | vectors | " + " | ".join(MEASURES) + " |",
        "|---|---|--:|" + "---|" * len(MEASURES),
    ]
    found: list[Row] = []
    for row in rows(bench, parallel):
        found.append(row)
        if not arguments.json:
            print("\n".join([*(head if row.transform == "none" else ()), line(row, found[0])]), flush=True)
    if arguments.json:
        print(json.dumps([asdict(row) for row in found], indent=1))
    if page is not None:
        before, rest = page.split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        told = f"Encoder {encoder.name}, fingerprint {encoder.fingerprint}, {time.perf_counter() - begun:.0f} s."
        table = "\n".join([*head, *(line(row, found[0]) for row in found)])
        arguments.output.write_text(f"{before}{MARKS[0]}\n{told}\n\n{table}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
