"""Compare hybrid search with each of its legs, and measure what mixed-language queries lose.

    python -m benchmarks.hybrid --data ../shared/data              # XQuAD-R, a finished version: nothing is chosen here
    python -m benchmarks.hybrid --data ../shared/data --mixed --queries 1650 --limit 300   # mixed-language queries alone
    python -m benchmarks.hybrid --data ../shared/data --held-out   # what the weights are chosen on

All searches go through `SearchClient`, with 1,000 hits by default (held-out: 100, as in searches). Intervals (95 %) are for
the paired difference, with groups of translations as units. Some of the queries (`--queries`) search the whole pool.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from index_builder import build_index
from searchapp import Ranking, SearchClient
from searchapp.datatypes import Mode
from searchapp.encoders.base import Encoder
from searchapp.encoders.calibration import Calibration
from searchapp.encoders.loading import load_encoder
from searchapp.evaluation.comparison import compare
from searchapp.evaluation.evaluate import Evaluation
from searchapp.evaluation.results import PerQuery
from searchapp.evaluation.served import Configured, evaluate_searcher
from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.evaluation.tasks.loading import load_task
from searchapp.evaluation.tasks.mixed import mixed_task, spliced_queries
from searchapp.evaluation.tasks.sampling import sample_queries
from searchapp.statistics.resampling import bootstrap_means, percentile_interval
from searchapp.testing import temporary_client
from searchapp.text.detection import FastDetector
from searchapp.text.spans import detect_spans
from training.calibration.held_out import questions_task, translations_task

LIMIT = 1000
HELD_OUT_LIMIT = 100
SPANS: Mapping[str, tuple[Mode, Ranking]] = {
    "whole query alone": ("hybrid", Ranking(spans=False)),
    "and its spans": ("hybrid", Ranking(spans=True)),
    "words at full weight": ("hybrid", Ranking(lexical_weight=Calibration().lexical_weight)),
}
MEASURES = ("Mo mAP", "Cr mAP", "Mul mAP")
System = tuple[Mode, Ranking]
SYSTEMS: Mapping[str, System] = {
    "dense": ("dense", Ranking()),
    "lexical": ("lexical", Ranking()),
    "hybrid": ("hybrid", Ranking()),
    "hybrid, feedback=0": ("hybrid", Ranking(feedback=0.0)),
    "hybrid, rrf": ("hybrid", Ranking(fusion="rrf")),
}
GRID: Mapping[str, System] = {
    "dense": ("dense", Ranking()),
    "lexical": ("lexical", Ranking()),
    "rrf, k=60": ("hybrid", Ranking(fusion="rrf")),
    "wrrf, k=60": ("hybrid", Ranking(fusion="wrrf")),
    "dbsf": ("hybrid", Ranking(fusion="dbsf")),
    **{f"convex {w}": ("hybrid", Ranking(fusion="convex", lexical_weight=w)) for w in (0.15, 0.4)},
    **{f"interleaved {w}": ("hybrid", Ranking(lexical_weight=w, feedback=0.0)) for w in (0.2, 0.4, 0.7)},
    **{f"interleaved 0.4, feedback {b}": ("hybrid", Ranking(feedback=b)) for b in (0.4, 0.8, 1.2)},
}


def evaluate(task: RetrievalTask, client: SearchClient, system: System, *, name: str, limit: int = LIMIT) -> Evaluation:
    """Evaluate one system on all queries of the task."""
    return evaluate_searcher(task, Configured(client, *system), name=name, limit=limit)


def legs(
    task: RetrievalTask, client: SearchClient, systems: Mapping[str, System], *, limit: int = LIMIT
) -> dict[str, Evaluation]:
    """Measure every system and print its figures, rank distance and LPR."""
    found = {}
    print(f"\n{task.name}: {len(task.queries):,} queries, {len(task.passages):,} passages")
    print(f"{'':32}" + "".join(f"{name:>11}" for name in (*MEASURES, "rank dist.", "LPR")))
    for name, system in systems.items():
        begun = time.perf_counter()
        found[name] = evaluation = evaluate(task, client, system, name=name, limit=limit)
        values = evaluation.per_query.values
        cells = [mean(evaluation.per_query, key) for key in (*MEASURES, "rank distance", "LPR") if key in values]
        took = (time.perf_counter() - begun) / len(task.queries) * 1000
        print(f"{name:32}" + "".join(f"{cell:11.3f}" for cell in cells) + f"   {took:6.1f} ms/query", flush=True)
    return found


def targets(found: Mapping[str, Evaluation]) -> None:
    """Compare hybrid search with the better leg."""
    print("\nhybrid against the better leg (difference, 95 % interval)")
    for measure in MEASURES:
        better = max(("dense", "lexical"), key=lambda name: mean(found[name].per_query, measure))
        row = compare(found[better].per_query, found["hybrid"].per_query, measure=measure, samples=2000)[-1]
        verdict = "met" if row.difference >= 0 else "MISSED"
        print(f"  {measure:8} {better:8} {row.first:.3f} -> {row.second:.3f}  {row.difference:+.3f} "
              f"[{row.low:+.3f}, {row.high:+.3f}]  {verdict}")  # fmt: skip


def mixed(task: RetrievalTask, client: SearchClient, alone: PerQuery, *, draws: int = 3, limit: int = LIMIT) -> None:
    """Compare spliced queries with the same questions in each of their languages, by Mul mAP."""
    value_of = {
        (group, language): value
        for group, language, value in zip(alone.groups, alone.languages, alone.values["Mul mAP"], strict=True)
    }
    print("\nmixed-language queries, Mul mAP relative to the same questions in one language (95 % interval)")
    detector = FastDetector()
    for parts in (2, 3):
        queries = [
            replace(query, id=f"{seed}.{query.id}")
            for seed in range(draws)
            for query in spliced_queries(task, parts=parts, seed=seed)
        ]
        spliced = mixed_task(task, queries)
        reference = np.array(
            [np.mean([value_of[query.group, code] for code in query.languages]) for query in spliced.queries]
        )
        right = [
            {span.language for span in detect_spans(query.text, detector)} == set(query.languages)
            for query in spliced.queries
        ]
        print(f"  {parts} languages, {len(queries)} queries; all languages detected and no other: {np.mean(right):.1%}")
        for name, system in SPANS.items():
            values = evaluate(spliced, client, system, name=name, limit=limit).per_query.values["Mul mAP"]
            low, high = _ratio_interval(values, reference, [query.group for query in spliced.queries])
            ratio = float(values.mean() / reference.mean())
            verdict = "met" if ratio >= 0.9 else "MISSED"
            print(
                f"    {name:20} {reference.mean():.3f} -> {values.mean():.3f}  {ratio:.1%} [{low:.1%}, {high:.1%}]  {verdict}"
            )


@contextmanager
def xquad_client(data: Path, encoder: Encoder) -> Iterator[SearchClient]:
    """Build a collection of XQuAD-R's sentences and lend its client."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        build_index(data / "xquad-r", "hybrid", encoder=encoder, home=home)
        with SearchClient("hybrid", home=home, encoder=encoder) as client:
            yield client


def mean(per_query: PerQuery, measure: str) -> float:
    """Average per query language, then over languages."""
    values, languages = per_query.values[measure], np.array(per_query.languages)
    return float(np.nanmean([np.nanmean(values[languages == code]) for code in sorted(set(per_query.languages))]))


def _ratio_interval(values: np.ndarray, reference: np.ndarray, groups: list[str]) -> tuple[float, float]:
    """Compute a percentile bootstrap over the groups."""
    _, number = np.unique(groups, return_inverse=True)
    sums = np.stack([np.bincount(number, values), np.bincount(number, reference)], axis=1)
    drawn = bootstrap_means(sums, samples=2000, random=np.random.default_rng(0))
    return percentile_interval(drawn[:, 0] / drawn[:, 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", default="builtin")
    parser.add_argument("--queries", type=int, default=440)
    parser.add_argument("--limit", type=int, default=LIMIT)
    parser.add_argument("--mixed", action="store_true")
    parser.add_argument("--held-out", action="store_true")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.encoder)
    if arguments.held_out:
        for make in (translations_task, questions_task):
            task, documents = make(arguments.data)
            with temporary_client(documents, encoder=encoder) as client:
                legs(task, client, {**SPANS, **GRID}, limit=HELD_OUT_LIMIT)
                if make is translations_task:
                    alone = evaluate(task, client, SPANS["whole query alone"], name="alone", limit=HELD_OUT_LIMIT)
                    mixed(task, client, alone.per_query, draws=10, limit=HELD_OUT_LIMIT)
        return
    task = sample_queries(load_task("xquad-r", arguments.data / "xquad-r"), arguments.queries)
    with xquad_client(arguments.data, encoder) as client:
        systems = {"hybrid": SYSTEMS["hybrid"]} if arguments.mixed else SYSTEMS
        found = legs(task, client, systems, limit=arguments.limit)
        if not arguments.mixed:
            targets(found)
        mixed(task, client, found["hybrid"].per_query, limit=arguments.limit)


if __name__ == "__main__":
    main()
