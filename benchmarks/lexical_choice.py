"""Choose the lexical leg's weights on question-passage pairs of qa.parquet, never on XQuAD-R.

    python -m benchmarks.lexical_choice --data ../shared/data [--title-weights 0 1 2]

Prints the mean reciprocal rank of the answering passage per language, in a pool of that language's passages.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pyarrow.parquet as pq
from scipy import sparse

from searchapp.datatypes import LanguageSpan, SparseVector
from searchapp.text.bm25 import LexicalEncoder
from searchapp.text.normalise import normalize

POOL = 3000


def pairs(data: Path, language: str, *, seed: int = 0) -> list[dict[str, str]]:
    """Draw questions of a language, each with its passage and title."""
    rows = pq.read_table(data / "qa.parquet", filters=[("lang", "=", language)]).to_pylist()
    Random(seed).shuffle(rows)
    return rows[:POOL]


def reciprocal_ranks(
    lexical: LexicalEncoder, rows: Sequence[dict[str, str]], language: str, *, count: int, titles: bool
) -> np.ndarray:
    """Rank every passage for the first questions."""
    known: dict[str, int] = {}
    golds = [known.setdefault(row["passage"], len(known)) for row in rows]
    title_of = {row["passage"]: row["title"] or "" for row in rows}
    texts = [normalize(text)[:1500] for text in known]
    names = [normalize(title_of[text]) for text in known] if titles else ()
    passages = _matrix(lexical.encode_passages(texts, [language] * len(texts), names))
    frequency = np.bincount(passages.indices, minlength=passages.shape[1])
    idf = np.log(1 + (len(texts) - frequency + 0.5) / (frequency + 0.5))
    found = []
    for row, gold in zip(rows[:count], golds[:count], strict=True):
        text = normalize(row["question"])
        query = lexical.encode_query([LanguageSpan(text, 0, len(text), language, 1.0, "Zyyy")])
        kept = [
            (_column(i), v) for i, v in zip(query.indices, query.values, strict=True) if _column(i) < passages.shape[1]
        ]
        vector = np.zeros(passages.shape[1])
        for column, value in kept:
            vector[column] = value * idf[column]
        scores = passages @ vector
        found.append(1 / (1 + int((scores > scores[gold]).sum())) if scores[gold] > 0 else 0.0)
    return np.array(found)


_COLUMNS: dict[int, int] = {}


def _column(index: int) -> int:
    return _COLUMNS.setdefault(index, len(_COLUMNS))


def _matrix(vectors: Sequence[SparseVector]) -> sparse.csr_matrix:
    offsets = np.cumsum([0, *(len(vector.indices) for vector in vectors)])
    columns = [_column(index) for vector in vectors for index in vector.indices]
    values = [value for vector in vectors for value in vector.values]
    return sparse.csr_matrix((values, columns, offsets), shape=(len(vectors), len(_COLUMNS)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--title-weights", type=float, nargs="*", default=[])
    arguments = parser.parse_args()
    for language in ("ar", "en", "ja", "ko", "sw", "th", "tr", "zh"):
        rows = pairs(arguments.data, language)
        _COLUMNS.clear()
        cells = []
        for weight in arguments.title_weights or [None]:
            lexical = LexicalEncoder() if weight is None else LexicalEncoder(title_weight=weight)
            _COLUMNS.clear()
            ranks = reciprocal_ranks(
                lexical, rows, language, count=arguments.questions, titles=bool(arguments.title_weights)
            )
            cells.append(f"{ranks.mean():.3f}")
        print(f"{language} {' '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
