"""Measure how builds and searches grow: `python -m benchmarks.scale [--sizes 10000 100000 1000000] [--transformer 100000]`.

Each build and each set of searches has a process of its own, so that its peak memory is its own. Finished lines are kept in
RESULTS and not measured again; delete a line, or the file, to measure anew. The collections stay in HOME for inspection.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from searchapp.files.replacing import replaced

TRANSLATIONS = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "translations.parquet"
QUERIES = 200
WARM_UP = 20
MODES = ("dense", "lexical", "hybrid")
COLUMNS = (
    ("encoder", "encoder", "{}"),
    ("passages", "passages", "{:,}"),
    ("build, passages/s", "rate", "{:,.0f}"),
    ("peak of the build, MB", "build_peak_mb", "{:,.0f}"),
    ("on disk, MB", "disk_mb", "{:,.0f}"),
    ("open, s", "open_seconds", "{:.2f}"),
    ("dense, ms", "dense_ms", "{:.1f}"),
    ("lexical, ms", "lexical_ms", "{:.1f}"),
    ("hybrid, ms", "hybrid_ms", "{:.1f}"),
    ("serving, MB", "serving_mb", "{:,.0f}"),
    ("of which anonymous, MB", "serving_anonymous_mb", "{:,.0f}"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="static encoder")
    parser.add_argument("--transformer", type=int, nargs="*", default=[], help="sizes with the built-in transformer")
    parser.add_argument("--source", type=Path, default=TRANSLATIONS, help="Parquet file with columns text and lang")
    parser.add_argument("--home", type=Path, default=Path("build/scale"))
    parser.add_argument("--results", type=Path, default=Path("build/scale/results.jsonl"))
    parser.add_argument("--step", choices=("build", "search"), help=argparse.SUPPRESS)
    parser.add_argument("--encoder", default="static", help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        step = build if asked.step == "build" else search
        print(json.dumps(step(asked.home, asked.source, encoder=asked.encoder, size=asked.size)))
        return
    wanted = [("static", size) for size in asked.sizes] + [("builtin", size) for size in asked.transformer]
    for encoder, size in wanted:
        if (encoder, size) not in {(line["encoder"], line["size"]) for line in finished(asked.results)}:
            line = {"encoder": encoder, "size": size}
            corpus(asked.home, asked.source, size)  # here, as its memory is not that of the build
            for step in ("build", "search"):
                line |= in_process(step, asked.home, asked.source, encoder=encoder, size=size)
            asked.results.parent.mkdir(parents=True, exist_ok=True)
            with asked.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
    lines = sorted(finished(asked.results), key=lambda line: (line["encoder"], line["size"]))
    print(table(lines))


def finished(results: Path) -> list[dict[str, Any]]:
    """Read the lines of earlier runs."""
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()] if results.exists() else []


def in_process(step: str, home: Path, source: Path, *, encoder: str, size: int) -> dict[str, Any]:
    """Run one step in a process of its own and return what it measured."""
    command = [sys.executable, "-m", "benchmarks.scale", "--step", step, "--encoder", encoder, "--size", str(size)]
    done = subprocess.run(
        [*command, "--home", str(home), "--source", str(source)], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def rows(source: Path, size: int, *, first: int = 0) -> Iterator[dict[str, Any]]:
    """Give rows at equal distances over the whole file, so that each size has all its languages.

    Args:
        source: A Parquet file.
        size: Number of rows, at most as many as the file has.
        first: Index of the first row; another one gives other rows if the distance is more than one.
    """
    import pyarrow.parquet as pq

    file = pq.ParquetFile(source)
    apart = max(1, file.metadata.num_rows // size)
    place = given = 0
    for batch in file.iter_batches(65_536, columns=["text", "lang"]):
        start = (first - place) % apart
        for row in batch.slice(start).to_pylist()[::apart] if start < batch.num_rows else []:
            yield row
            given += 1
            if given == size:
                return
        place += batch.num_rows


def corpus(home: Path, source: Path, size: int) -> Path:
    """Write the rows of a size as JSON lines, once."""
    path = home / f"rows-{size}.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as part, part.open("w", encoding="utf-8") as file:
            for number, row in enumerate(rows(source, size)):
                file.write(json.dumps({"id": str(number), **row}, ensure_ascii=False) + "\n")
    return path


def build(home: Path, source: Path, *, encoder: str, size: int) -> dict[str, Any]:
    """Build one collection from nothing."""
    from index_builder import BuildOptions, Columns, build_index, delete_collection
    from searchapp.errors import CollectionNotFoundError
    from searchapp.stores.edge_catalog import EdgeCatalog

    path = corpus(home, source, size)
    catalog = EdgeCatalog(home)
    name = f"{encoder}-{size}"
    with suppress(CollectionNotFoundError):
        delete_collection(catalog, name, work=home / "builds")
    options = BuildOptions(columns=Columns(text="text", id="id", language="lang"), keep=0)
    report = build_index(path, name, options=options, encoder=encoder, catalog=catalog)
    folder = home / "collections" / name
    return {
        "passages": report.passages,
        "rejected": report.rejected,
        "build_seconds": round(report.seconds, 2),
        "rate": round(report.rate, 1),
        "build_peak_mb": status("VmHWM"),
        "disk_mb": round(sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file()) / 1e6, 1),
    }


def search(home: Path, source: Path, *, encoder: str, size: int) -> dict[str, Any]:
    """Open a collection and search it in each mode with sentences that are not in it, as far as there are enough."""
    from searchapp import SearchClient
    from searchapp.encoders.loading import load_encoder

    queries = [row["text"][:200] for row in rows(source, QUERIES, first=1)]
    loaded = load_encoder(encoder)
    loaded.encode_queries(queries[:1])
    begun = time.perf_counter()
    measured: dict[str, Any] = {}
    with SearchClient(f"{encoder}-{size}", home=home, encoder=loaded) as client:
        client.search(queries[0])
        measured["open_seconds"] = round(time.perf_counter() - begun, 3)
        for mode in MODES:
            times = []
            for query in queries:
                started = time.perf_counter()
                client.search(query, mode=mode)  # type: ignore[arg-type]
                times.append(time.perf_counter() - started)
            measured[f"{mode}_ms"] = round(1e3 * statistics.median(times[WARM_UP:]), 2)
        measured["serving_mb"] = status("VmRSS")
        measured["serving_anonymous_mb"] = status("RssAnon")
    return measured


def status(name: str) -> float:
    """Read a figure of this process's memory in MB."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    if found is None:
        raise SystemExit(f"/proc/self/status has no {name}; this benchmark needs Linux")
    return round(int(found[1]) * 1024 / 1e6, 1)


def table(lines: list[dict[str, Any]]) -> str:
    """Write the lines as a Markdown table."""
    head = ["| " + " | ".join(title for title, _, _ in COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    return "\n".join(
        head + ["| " + " | ".join(form.format(line[key]) for _, key, form in COLUMNS) + " |" for line in lines]
    )


if __name__ == "__main__":
    main()
