"""Mine hard negatives from every language, but never translations of the positive."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray

from searchapp.encoders.base import Encoder
from searchapp.errors import ConfigurationError, InputError
from training.columns import ANCHOR, GROUP, PASSAGE_LANGUAGE, POSITIVE, QUERY_LANGUAGE
from training.datasets.row_dataset import column_of
from training.datasets.rows import negative_columns
from training.mining.relatives import related_groups

BLOCK = 512


@dataclass(frozen=True, slots=True)
class MiningReport:
    """Statistics of the mined negatives.

    Attributes:
        languages: Query language -> language of negatives -> number.
        short: Rows left out because too few passages were allowed.
    """

    languages: dict[str, dict[str, int]] = field(default_factory=dict)
    short: int = 0


def mine_negatives(
    rows: Dataset,
    encoder: Encoder,
    *,
    count: int = 1,
    skip: int = 0,
    margin: float = 0.05,
    most_similar: int = 50,
    seed: int = 0,
) -> tuple[Dataset, MiningReport]:
    """Add `count` hard negatives to each row, from each language of the passages in turn.

    The most similar passages of a mixed pool are mostly in the language that the encoder favours, and negatives from there
    would teach it the opposite bias. Each query's candidates are therefore ranked within each language, and the k-th
    negative comes from the k-th language of an order drawn per row, wrapping around.

    Excluded are passages of the row's group or of a group that shares a text with it (translations of the positive),
    passages equal to the positive, and passages that score above (1 - margin) × the positive's score, which are likely to be
    unlabelled answers.

    Args:
        rows: Rows with anchor, positive, group and languages.
        encoder: Scores queries against passages.
        count: Number of negatives per row.
        skip: Number of best allowed passages of a language to skip.
        margin: Margin to the positive's score, see above.
        most_similar: Number of candidates per language.
        seed: Seed of the orders.

    Returns:
        The rows that have all their negatives, and statistics.

    Raises:
        ConfigurationError: A setting is out of range.
        InputError: No row has all its negatives.
    """
    if count < 1 or skip < 0 or not 0 <= margin < 1:
        raise ConfigurationError(
            f"count {count}, skip {skip}, margin {margin:g}; expected count ≥ 1, skip ≥ 0, 0 ≤ margin < 1"
        )
    asked = column_of(rows, ANCHOR)
    pool = _Pool.of(rows, encoder, related_groups(column_of(rows, GROUP), [asked, column_of(rows, POSITIVE)]))
    queries = encoder.encode_queries(asked)
    rng = np.random.default_rng((seed, 6))
    orders = np.array([rng.permutation(len(pool.languages)) for _ in range(len(rows))])
    chosen = np.full((len(rows), count), -1, dtype=np.int64)
    for start in range(0, len(rows), BLOCK):
        block = np.arange(start, min(start + BLOCK, len(rows)))
        scores = queries[block] @ pool.vectors.T
        allowed = _allowed(scores, pool, block, margin=margin)
        for row, line, possible in zip(block, scores, allowed, strict=True):
            best = pool.best(line, possible, most_similar=most_similar, skip=skip)
            chosen[row] = _in_turn(best, orders[row], count)
    return _with_negatives(rows, pool, chosen)


@dataclass(frozen=True, slots=True)
class _Pool:
    """Distinct passages per language and related group.

    Attributes:
        texts: (passages,) texts.
        relatives: (passages,) related group.
        language: (passages,) index into `languages`.
        of_row: (rows,) passage of each row's positive.
    """

    texts: list[str]
    vectors: NDArray[np.float32]
    relatives: NDArray[np.int64]
    language: NDArray[np.int64]
    languages: list[str]
    of_row: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Dataset, encoder: Encoder, relatives: NDArray[np.int64]) -> _Pool:
        known: dict[tuple[str, str], int] = {}
        firsts: list[int] = []
        of_row = []
        for row, key in enumerate(zip(column_of(rows, POSITIVE), column_of(rows, PASSAGE_LANGUAGE), strict=True)):
            if key not in known:
                known[key] = len(firsts)
                firsts.append(row)
            of_row.append(known[key])
        texts = [text for text, _ in known]
        languages, language = np.unique([code for _, code in known], return_inverse=True)
        return cls(
            texts=texts,
            vectors=encoder.encode_passages(texts),
            relatives=relatives[firsts],
            language=language.astype(np.int64),
            languages=languages.tolist(),
            of_row=np.array(of_row),
        )

    def best(
        self, scores: NDArray[np.float32], possible: NDArray[np.bool_], *, most_similar: int, skip: int
    ) -> list[list[int]]:
        """Return the allowed passages of each language, best first."""
        found = []
        for language in range(len(self.languages)):
            members = np.flatnonzero(possible & (self.language == language))
            order = members[np.argsort(-scores[members], kind="stable")[: most_similar + skip]]
            found.append(order[skip:].tolist())
        return found


def _allowed(scores: NDArray[np.float32], pool: _Pool, block: NDArray[np.int64], *, margin: float) -> NDArray[np.bool_]:
    positives = pool.of_row[block]
    ceiling = scores[np.arange(len(block)), positives] * (1 - margin)
    allowed: NDArray[np.bool_] = scores <= ceiling[:, None]
    allowed &= pool.relatives[None, :] != pool.relatives[positives][:, None]
    return allowed


def _in_turn(best: list[list[int]], order: NDArray[np.int64], count: int) -> list[int]:
    """Take one passage of each language in turn; -1 at the start if there are too few."""
    taken: list[int] = []
    depth = 0
    while len(taken) < count and any(depth < len(line) for line in best):
        taken += [best[language][depth] for language in order.tolist() if depth < len(best[language])]
        depth += 1
    return taken[:count] if len(taken) >= count else [-1] * count


def _with_negatives(rows: Dataset, pool: _Pool, chosen: NDArray[np.int64]) -> tuple[Dataset, MiningReport]:
    kept = np.flatnonzero((chosen >= 0).all(axis=1))
    if not len(kept):
        raise InputError(
            f"no row got {chosen.shape[1]} hard negatives: all passages are translations of the positives or score as "
            "high; add rows, or lower the margin"
        )
    report = MiningReport(short=len(rows) - len(kept))
    for code, line in zip(rows.select(kept)[QUERY_LANGUAGE], chosen[kept], strict=True):
        for passage in line.tolist():
            counts = report.languages.setdefault(code, {})
            language = pool.languages[pool.language[passage]]
            counts[language] = counts.get(language, 0) + 1
    columns = rows.select(kept).to_dict()
    for column, name in enumerate(negative_columns(chosen.shape[1])):
        columns[name] = [pool.texts[passage] for passage in chosen[kept, column].tolist()]
    return Dataset.from_dict(columns), report
