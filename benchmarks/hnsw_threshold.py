"""Compare exact search with an HNSW graph by collection size: `python -m benchmarks.hnsw_threshold [--sizes 5000 …]`.

Both are the embedded store's own, on the same vectors in one run: the built-in encoder's embeddings of the sentences in
`--texts` (Parquet with a `text` column), or points around random centres without such a file. Latency is that of a candidate
leg (100 ids, no payload); recall is the share of the exact 100 that the graph finds. `StoreSpec.hnsw_threshold` is based on
these figures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np

from searchapp.datatypes import FloatArray, SparseVector
from searchapp.stores.base import Point, StoreSpec
from searchapp.stores.edge import EdgeStore

QUERIES = 200
LIMIT = 100
DIMENSION = 256


def embedded(path: Path, count: int) -> FloatArray:
    """Embed distinct sentences in the file's order, shuffled with a fixed seed; (count, dimension)."""
    import pyarrow.parquet as pq

    from searchapp.encoders.loading import load_encoder

    encoder = load_encoder("builtin")
    texts: dict[str, None] = {}
    for batch in pq.ParquetFile(path).iter_batches(columns=["text"]):
        texts.update(dict.fromkeys(batch.column("text").to_pylist()))
        if len(texts) >= 4 * count:
            break
    chosen = np.random.default_rng(0).permutation(list(texts))[:count]
    return np.concatenate([encoder.encode_passages(list(part)) for part in np.array_split(chosen, 1 + count // 4096)])


def clustered(count: int) -> FloatArray:
    """Draw unit vectors around 2,000 random centres, with coordinates of decreasing variance; (count, dimension)."""
    rng = np.random.default_rng(0)
    scale = np.arange(1, DIMENSION + 1) ** -0.5
    centres = rng.standard_normal((2_000, DIMENSION)) * scale
    vectors = centres[rng.integers(len(centres), size=count)] + 0.7 * rng.standard_normal((count, DIMENSION)) * scale
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


def measure(
    vectors: FloatArray, queries: FloatArray, folder: Path, *, graph: bool
) -> tuple[dict[str, float], list[set[str]]]:
    """Build one store and search it; return figures, and the ids found for each query."""
    size, dimension = vectors.shape
    spec = StoreSpec(dimension=dimension, hnsw_threshold=size // 2 if graph else 2 * size)
    begun = time.perf_counter()
    with EdgeStore.create(folder, spec) as store:
        for start in range(0, size, 1024):
            store.upsert(
                [
                    Point(str(uuid.UUID(int=row)), vectors[row], SparseVector(), {"language": "en"})
                    for row in range(start, min(size, start + 1024))
                ]
            )
        upserted = time.perf_counter()
        store.optimize()
        optimised = time.perf_counter()
        store.flush()
    opening = time.perf_counter()
    with EdgeStore.open(folder) as store:
        opened = time.perf_counter()
        for query in queries[:20]:
            store.query_dense(query, limit=LIMIT, with_payload=False)
        taken, found = [], []
        for query in queries:
            asked = time.perf_counter()
            hits = store.query_dense(query, limit=LIMIT, with_payload=False)
            taken.append((time.perf_counter() - asked) * 1000)
            found.append({hit.id for hit in hits})
    figures = {
        "upserts_per_s": size / (upserted - begun),
        "optimise_s": optimised - upserted,
        "open_ms": (opened - opening) * 1000,
        "p50_ms": statistics.median(taken),
        "p95_ms": statistics.quantiles(taken, n=20)[-1],
    }
    return figures, found


def compare(vectors: FloatArray, queries: FloatArray) -> dict[str, float]:
    """Compare both ways on the same vectors, with the graph's recall and the ratio of the latencies."""
    with tempfile.TemporaryDirectory() as folder:
        exact, truth = measure(vectors, queries, Path(folder) / "exact", graph=False)
        graph, found = measure(vectors, queries, Path(folder) / "graph", graph=True)
    recall = statistics.fmean(len(one & other) / LIMIT for one, other in zip(truth, found, strict=True))
    return {
        "points": len(vectors),
        **{f"exact_{name}": value for name, value in exact.items()},
        **{f"graph_{name}": value for name, value in graph.items()},
        "graph_recall": recall,
        "exact_to_graph_p50": exact["p50_ms"] / graph["p50_ms"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 10_000, 20_000, 50_000, 100_000, 200_000])
    parser.add_argument("--texts", type=Path, default=Path("../shared/data/translations.parquet"))
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    wanted = max(arguments.sizes) + QUERIES
    real = arguments.texts.exists()
    vectors = embedded(arguments.texts, wanted) if real else clustered(wanted)
    queries, vectors = vectors[:QUERIES], vectors[QUERIES:]
    if not arguments.json:
        print(f"{os.cpu_count()} cores, {platform.machine()}, {'embedded sentences' if real else 'random centres'}")
        print(
            f"{'points':>8} {'exact ms':>9} {'graph ms':>9} {'ratio':>6} {'recall':>7} {'optimise s':>11} {'open ms':>8}"
        )
    rows = []
    for size in sorted(arguments.sizes):
        row = compare(vectors[:size], queries)
        rows.append(row)
        if not arguments.json:
            print(
                f"{size:8,} {row['exact_p50_ms']:9.2f} {row['graph_p50_ms']:9.2f} {row['exact_to_graph_p50']:6.1f} "
                f"{row['graph_recall']:7.3f} {row['graph_optimise_s']:11.1f} {row['exact_open_ms']:8.0f}",
                flush=True,
            )
    if arguments.json:
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
