"""Create training rows from the study's content, and plan every batch of every run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from datasets import Dataset, DatasetDict
from numpy.typing import NDArray
from torch.utils.data import ConcatDataset

from training.columns import ANCHOR, GROUP, PASSAGE_LANGUAGE, POSITIVE, QUERY_LANGUAGE, SOURCE
from training.datasets.assembling import assemble
from training.mixing import STRATEGIES, Mixing
from training.samplers import HybridBatchSampler
from training.study.transformer.content import TRAIN, Content
from training.study.transformer.settings import LANGUAGES, Settings
from training.trainer.plan import Batches

IntArray = NDArray[np.int64]
ROW = "row"


@dataclass(frozen=True, slots=True)
class Texts:
    """Numbers of the texts that training reads, in two tables of queries and of passages.

    Queries are the parts of all parallel texts, the questions, and the switched questions, in this order. Passages are the
    parallel texts and the answers.

    Attributes:
        queries: All query texts.
        passages: All passage texts.
        parallel: Number of parallel texts, at the beginning of both tables.
        asked: Number of questions.
    """

    queries: list[str]
    passages: list[str]
    parallel: int
    asked: int

    @classmethod
    def of(cls, content: Content) -> Texts:
        """Create the tables from the content.

        Args:
            content: Content of the study.
        """
        parallel, asked = content.parallel, content.asked
        return cls(
            queries=[*parallel.parts, *asked.questions, *asked.switched],
            passages=[*parallel.texts, *asked.answers],
            parallel=len(parallel.texts),
            asked=len(asked.questions),
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Training rows as numbers in `Texts`.

    Attributes:
        texts: (rows, 4) query, passage, the query in another language, the passage in another language. The last column
            repeats the passage if it has no translation.
        languages: (rows, 2) codes of query and passage.
        groups: (rows,) translation group or passage.
    """

    texts: IntArray
    languages: NDArray[np.str_]
    groups: NDArray[np.str_]


def draw_rows(content: Content, texts: Texts, *, seed: int) -> Rows:
    """Create a monolingual and a cross-lingual row of each item: equal content, different languages.

    An item is a question with its passage, or half of the (group, language) pairs of the translations, drawn by the
    seed together with another language of the group.

    Args:
        content: Content of the study; only its training part is used.
        texts: Tables of the same content.
        seed: Seed that draws the items and the other languages.
    """
    rng = np.random.default_rng((seed, 21))
    count = len(LANGUAGES)
    groups = np.flatnonzero(content.parallel.split == TRAIN)
    items = (groups[:, None] * count + np.arange(count)).ravel()
    items = np.sort(rng.permutation(items)[: len(items) // 2])
    others = items - items % count + (items % count + rng.integers(1, count, len(items))) % count
    codes = np.array(LANGUAGES)
    own, other = codes[items % count], codes[others % count]
    asked = np.flatnonzero(content.asked.split == TRAIN)
    native, switched, answers = texts.parallel + asked, texts.parallel + texts.asked + asked, texts.parallel + asked
    spoken, target = content.asked.languages[asked], content.asked.targets[asked]
    blocks = (
        (items, items, others, others, own, own),
        (native, answers, switched, answers, spoken, spoken),
        (items, others, others, items, own, other),
        (switched, answers, native, answers, target, spoken),
    )
    names = [np.char.add("g", (items // count).astype(str)), np.char.add("p", content.asked.passage[asked].astype(str))]
    return Rows(
        texts=np.concatenate([np.stack(block[:4], axis=1) for block in blocks]).astype(np.int64),
        languages=np.concatenate([np.stack(block[4:], axis=1) for block in blocks]),
        groups=np.concatenate([*names, *names]),
    )


def datasets_of(rows: Rows, texts: Texts) -> DatasetDict:
    """Sort rows into the datasets that the hybrid sampler draws from; column `row` contains their numbers.

    Args:
        rows: Rows to sort.
        texts: Tables in which the rows' numbers are looked up.
    """
    return assemble(
        [
            Dataset.from_dict(
                {
                    ANCHOR: [texts.queries[row] for row in rows.texts[:, 0].tolist()],
                    POSITIVE: [texts.passages[row] for row in rows.texts[:, 1].tolist()],
                    ROW: np.arange(len(rows.texts)),
                    GROUP: rows.groups.tolist(),
                    QUERY_LANGUAGE: rows.languages[:, 0].tolist(),
                    PASSAGE_LANGUAGE: rows.languages[:, 1].tolist(),
                    SOURCE: ["study"] * len(rows.texts),
                }
            )
        ]
    )


def plan_batches(data: DatasetDict, mixing: Mixing, settings: Settings, *, seed: int) -> IntArray:
    """Draw all batches of a run with the package's sampler.

    Args:
        data: Datasets by name, with column `row`.
        mixing: Shares of batch kinds and languages, and the number of batches.
        settings: Rows per batch.
        seed: Seed of the sampler.

    Returns:
        (steps, batch) numbers of rows.
    """
    sampler = HybridBatchSampler(
        ConcatDataset(list(data.values())),
        [Batches(settings.batch)] * len(data),
        seed=seed,
        names=list(data),
        mixing=mixing,
    )
    numbers = np.concatenate([np.asarray(part.with_format("numpy")[ROW][:]) for part in data.values()])
    planned: IntArray = np.array([numbers[batch] for batch in sampler])
    return planned


def mixings(settings: Settings) -> dict[str, Mixing]:
    """Return the compared mixings by name. Languages and pairs are drawn by size, so that content stays equal.

    Args:
        settings: Number of steps, and shares of the sweep.
    """
    found = {
        name: Mixing(alpha=base.alpha, draw="size", monolingual=base.monolingual, batches=settings.steps)
        for name, base in STRATEGIES.items()
    }
    sweep = {f"alpha{alpha:g}": Mixing(alpha=alpha, draw="size", batches=settings.steps) for alpha in settings.alphas}
    return found | sweep
