"""Measure indexing and search in one run: `python -m benchmarks [--data ../shared/data/xquad-r] [--json]`.

Indexing is end to end: read, cut, detect, encode, weight terms, journal, upsert, optimise, validate, switch. Search goes from
text to result with language report. Its baseline is the minimum that any exact search needs: encoding the query and one
matrix product with NumPy.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.questions import questions
from index_builder import build_index
from searchapp import SearchClient
from searchapp.datatypes import Mode
from searchapp.encoders.loading import load_encoder
from searchapp.options import PLAIN, Ranking
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.text.terms import vocabulary

SEARCHES = 500


def index_rate(data: Path, home: Path, *, encoder_name: str) -> dict[str, float]:
    """Return passages per second, end to end: the best and the median of three builds of new collections."""
    encoder = load_encoder(encoder_name)
    rates = []
    for number in range(3):
        vocabulary.cache_clear()  # as in a new process
        report = build_index(data, f"bench{number}", encoder=encoder, home=home)
        rates.append(report.rate)
    return {"index_passages_per_s_median": statistics.median(rates), "index_passages_per_s_best": max(rates)}


def search_latency(home: Path, asked: list[str], *, encoder_name: str) -> dict[str, float]:
    """Return milliseconds per search by mode, and the ratio of hybrid search to a bare NumPy search in the same run."""
    figures: dict[str, float] = {}
    encoder = load_encoder(encoder_name)
    with SearchClient("bench0", home=home, encoder=encoder) as client:
        store, _ = EdgeCatalog(home).open("bench0")
        with store:
            points, _ = store.scroll(limit=1_000_000, with_vectors=True)
        matrix = np.stack([point.dense for point in points if point.dense is not None])
        for query in asked[:50]:
            client.search(query)
        bare = []
        for query in asked[:SEARCHES]:
            begun = time.perf_counter()
            scores = matrix @ encoder.encode_queries([query])[0]
            np.argpartition(-scores, 10)[:10]
            bare.append((time.perf_counter() - begun) * 1000)
        figures["numpy_p50_ms"] = statistics.median(bare)
        kinds: dict[str, tuple[Mode, Ranking]] = {
            "dense": ("dense", PLAIN),
            "lexical": ("lexical", PLAIN),
            "hybrid": ("hybrid", PLAIN),
            "hybrid_balanced": ("hybrid", Ranking(balance=0.75)),
        }
        for name, (mode, ranking) in kinds.items():
            taken = []
            for query in asked[:SEARCHES]:
                begun = time.perf_counter()
                client.search(query, mode=mode, ranking=ranking)
                taken.append((time.perf_counter() - begun) * 1000)
            figures[f"{name}_p50_ms"] = statistics.median(taken)
            figures[f"{name}_p95_ms"] = statistics.quantiles(taken, n=20)[-1]
    figures["hybrid_to_numpy"] = figures["hybrid_p50_ms"] / figures["numpy_p50_ms"]
    return figures


def process_times(home: Path) -> dict[str, float]:
    """Return seconds of `import searchapp` and of a whole one-shot search process; medians of five after one warm-up."""
    searchapp = str(Path(sys.executable).with_name("searchapp"))
    commands = {
        "import_s": [sys.executable, "-c", "import searchapp"],
        "bare_python_s": [sys.executable, "-c", "pass"],
        "one_shot_search_s": [searchapp, "search", "how do plants make sugar", "-c", "bench0", "--json"],
    }
    figures = {}
    for name, command in commands.items():
        taken = []
        for _ in range(6):
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env={**os.environ, "SEARCHAPP_HOME": str(home)})
            taken.append(time.perf_counter() - begun)
        figures[name] = statistics.median(taken[1:])
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/xquad-r"))
    parser.add_argument("--encoder", default="builtin")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        figures = index_rate(arguments.data, home, encoder_name=arguments.encoder)
        figures |= search_latency(home, questions(arguments.data), encoder_name=arguments.encoder)
        figures |= process_times(home)
    if arguments.json:
        print(json.dumps(figures, indent=2))
        return
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, encoder {arguments.encoder}"
    )
    for name, value in figures.items():
        print(f"{name:32} {value:12,.3f}")


if __name__ == "__main__":
    main()
