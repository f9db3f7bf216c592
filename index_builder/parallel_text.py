"""Read parallel text from Parquet or JSON lines with the columns group, lang and text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from searchapp.errors import InputError
from searchapp.files.json_lines import read_json_lines
from searchapp.files.parquet import read_table
from searchapp.text.languages import canonical
from searchapp.text.normalise import normalize

COLUMNS = ("group", "lang", "text")
BATCH = 8192


@dataclass(frozen=True, slots=True)
class ParallelText:
    """Texts sorted by group; texts of the same group are translations of each other."""

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    groups: tuple[int, ...]


def read_parallel(
    path: Path,
    *,
    languages: Collection[str],
    sources: Collection[str] = (),
    sample: int | None = None,
    seed: int = 0,
) -> ParallelText:
    """Read the texts in the given languages, in whole groups of two or more.

    Args:
        path: A Parquet file, or JSON lines.
        languages: BCP 47 primary subtags.
        sources: Values of the `source` column to keep; empty keeps all rows.
        sample: Approximate maximum number of texts; groups are drawn at random until it is reached.
        seed: Seed of the draw.

    Raises:
        InputError: The file cannot be read or contains nothing usable.
    """
    if not path.is_file():
        raise InputError("there is no such file; expected Parquet or JSON lines of group, lang, text", path=path)
    rows = _parquet(path, sources) if path.suffix == ".parquet" else _json_lines(path, sources)
    groups: dict[str, dict[str, str]] = {}
    codes: dict[str, str] = {}
    for group, language, text in rows:
        code = codes.get(language) or codes.setdefault(language, canonical(language))
        if code in languages and text.strip():
            groups.setdefault(group, {}).setdefault(code, text)
    useful = [group for group, texts in groups.items() if len(texts) > 1]
    if not useful:
        raise InputError(f"no group with texts in two of {', '.join(sorted(languages))}", path=path)
    chosen: list[str] = []
    count = 0
    for place in np.random.default_rng(seed).permutation(len(useful)).tolist():
        if sample is not None and count >= sample:
            break
        chosen.append(useful[place])
        count += len(groups[useful[place]])
    found = [
        (number, code, normalize(text).strip())
        for number, group in enumerate(chosen)
        for code, text in sorted(groups[group].items())
    ]
    return ParallelText(
        texts=tuple(text for _, _, text in found),
        languages=tuple(code for _, code, _ in found),
        groups=tuple(number for number, _, _ in found),
    )


def _parquet(path: Path, sources: Collection[str]) -> Iterator[tuple[str, str, str]]:
    table = read_table(path, COLUMNS, sources=tuple(sources))
    for batch in table.to_batches(max_chunksize=BATCH):
        columns = batch.to_pydict()
        for group, language, text in zip(*(columns[name] for name in COLUMNS), strict=True):
            yield str(group), str(language or ""), str(text or "")


def _json_lines(path: Path, sources: Collection[str]) -> Iterator[tuple[str, str, str]]:
    for _, row in read_json_lines(path, fields=COLUMNS):
        if not sources or row.get("source", "") in sources:
            yield str(row["group"]), str(row["lang"]), str(row["text"])
