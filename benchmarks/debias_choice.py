"""Choose the settings of the debias transforms: `python -m benchmarks.debias_choice --data ../shared/data`.

There are two pools, neither of them XQuAD-R. *Parallel*: documents of five XNLI sentences in 15 languages, which the
built-in encoder was not trained on; each sentence is a candidate with its document as context, and its second half is
the question. *Unrelated*: native questions and passages of seven languages without any translations, to measure the
cost of a transform where it cannot help. Transforms without labels are fitted on the pool, as in use, and SHIFT on
FLORES-200 and NTREX-128.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.debias import translations
from index_builder.parallel_text import read_parallel
from searchapp.datatypes import FloatArray
from searchapp.debias.base import DebiasTransform
from searchapp.debias.loading import fit_transform
from searchapp.encoders.base import Encoder
from searchapp.encoders.loading import load_encoder
from searchapp.evaluation.debiasing import debias_stage
from searchapp.evaluation.evaluate import encode_task, evaluate_embeddings
from searchapp.evaluation.results import MEAN, Results, System
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery

XNLI = ("ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")
DOCUMENTS, SENTENCES = 200, 5
QUESTIONS = 1_000
"""Maximum passages per language in the unrelated pool."""


def parallel_task(data: Path) -> RetrievalTask:
    """Create documents of random XNLI sentences, the same in every language."""
    text = read_parallel(data / "translations.parquet", languages=set(XNLI), sources=["xnli"], seed=1)
    groups: dict[int, dict[str, str]] = {}
    for group, language, sentence in zip(text.groups, text.languages, text.texts, strict=True):
        groups.setdefault(group, {})[language] = sentence
    whole = [found for found in groups.values() if len(found) == len(XNLI)][: DOCUMENTS * SENTENCES]
    queries, passages, qrels = [], [], {}
    for number in range(0, len(whole), SENTENCES):
        document = whole[number : number + SENTENCES]
        for language in XNLI:
            context = " ".join(sentence[language] for sentence in document)
            passages += [
                TaskPassage(
                    id=f"{number + place}.{language}", text=sentence[language], language=language, context=context
                )
                for place, sentence in enumerate(document)
            ]
            query = TaskQuery(f"q{number}.{language}", _half(document[0][language]), (language,), group=str(number))
            queries.append(query)
            qrels[query.id] = {f"{number}.{code}": 1 for code in XNLI}
    return RetrievalTask(
        name="parallel", queries=tuple(queries), passages=tuple(passages), qrels=qrels, measures=("mAP",)
    )


def unrelated_task(data: Path) -> RetrievalTask:
    """Create a task of native questions and their passages, without translations in the pool."""
    table = pq.read_table(data / "qa.parquet", columns=["source", "lang", "question", "passage"])
    rows = [row for row in table.to_pylist() if row["source"] != "tquad"]
    order = np.random.default_rng(1).permutation(len(rows))
    asked: dict[str, int] = {}
    queries, passages, qrels = [], {}, {}
    for number in order.tolist():
        row = rows[number]
        if asked.get(row["lang"], 0) == QUESTIONS:
            continue
        asked[row["lang"]] = asked.get(row["lang"], 0) + 1
        passage = passages.setdefault(
            row["passage"], TaskPassage(id=str(number), text=row["passage"], language=row["lang"])
        )
        queries.append(TaskQuery(f"q{number}", row["question"], (row["lang"],)))
        qrels[f"q{number}"] = {passage.id: 1}
    return RetrievalTask(
        name="unrelated", queries=tuple(queries), passages=tuple(passages.values()), qrels=qrels, measures=("mAP",)
    )


def _half(text: str) -> str:
    """Return the second half of a text, by words if it has spaces."""
    words = text.split()
    return " ".join(words[len(words) // 2 :]) if len(words) > 5 else text[len(text) // 2 :]


class Pool:
    """A task with its embeddings."""

    def __init__(self, task: RetrievalTask, encoder: Encoder) -> None:
        self.task = task
        self.queries, self.passages = encode_task(task, encoder)
        self.languages = [passage.language for passage in task.passages]

    def figures(self, transform: DebiasTransform | None) -> Results:
        """Measure quality and bias after a transform."""
        queries, passages = self.queries, self.passages
        if transform is not None:
            queries, passages = debias_stage(self.task, transform)(queries, passages)
        system = System(kind="encoder", name="debias")
        return evaluate_embeddings(self.task, queries=queries, passages=passages, system=system).results


def choices() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield methods and settings."""
    yield "none", {}
    for strength in (1.0, 1.5, 2.0):
        yield from (("counterparts", {"strength": strength, "margin": margin}) for margin in (1.05, 1.2))
    yield "centering", {}
    yield from (("lir", {"rank": rank}) for rank in (1, 2, 4))
    yield from (("lsar", {"rank": rank}) for rank in (1, 3, 6))
    yield from (("shift", {"alpha": alpha}) for alpha in (0.3, 0.6, 1.0))


def made(
    method: str, settings: dict[str, float], pool: Pool, parallel: tuple[FloatArray, list[str], list[int]]
) -> DebiasTransform:
    """Fit a method for a pool."""
    if method == "shift":
        vectors, languages, groups = parallel
        return fit_transform("shift", vectors, languages, groups=groups, alpha=settings["alpha"])
    if method == "counterparts":
        return fit_transform(
            method, pool.passages, pool.languages, strength=settings["strength"], margin=settings["margin"]
        )
    rank = int(settings["rank"]) if "rank" in settings else None
    return fit_transform(method, pool.passages, pool.languages, rank=rank)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--encoder", default="builtin")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.encoder)
    pools = [Pool(parallel_task(arguments.data), encoder), Pool(unrelated_task(arguments.data), encoder)]
    text = translations(arguments.data, encoder, XNLI, sample=None)
    parallel = (text.vectors, list(text.languages), list(text.groups or ()))
    print(
        "| transform | parallel: Mo / Cr / Mul mAP | rank distance | LPR | unrelated: Mo / Mul mAP |\n|---|---|---|---|---|"
    )
    distance = 0.0
    for method, settings in choices():
        one, other = (
            pool.figures(None if method == "none" else made(method, settings, pool, parallel)) for pool in pools
        )
        distance = distance or one.bias["rank distance"][MEAN]
        name = ", ".join([method, *(f"{key} {value:g}" for key, value in settings.items())])
        quality = " / ".join(f"{one.figure(setting, 'mAP'):.3f}" for setting in ("Mo", "Cr", "Mul"))
        price = " / ".join(f"{other.figure(setting, 'mAP'):.3f}" for setting in ("Mo", "Mul"))
        far = one.bias["rank distance"][MEAN]
        change = f" ({far / distance - 1:+.0%})" if method != "none" else ""
        print(f"| {name} | {quality} | {far:,.0f}{change} | {one.bias['LPR'][MEAN]:.3f} | {price} |", flush=True)


if __name__ == "__main__":
    main()
