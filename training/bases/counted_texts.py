"""Read the texts for trimming a vocabulary, and hold some out to measure the cost for each language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from searchapp.datatypes import UNKNOWN_LANGUAGE
from searchapp.errors import InputError
from searchapp.files.json_lines import read_json_lines
from searchapp.files.parquet import read_table

EVERY = 20
"""Every twentieth text is held out."""

MOST_APART = 500
"""Maximum number of held-out texts per language."""

LANGUAGE_FIELDS = ("language", "lang")


@dataclass(frozen=True, slots=True)
class CountedTexts:
    """Texts of many languages.

    Attributes:
        counted: Texts in which pieces are counted.
        apart: Language -> held-out texts.
    """

    counted: list[str] = field(default_factory=list)
    apart: dict[str, list[str]] = field(default_factory=dict)


def read_texts(paths: Sequence[Path], *, most: int) -> CountedTexts:
    """Read `text` and, if present, `language` or `lang` of each row.

    Args:
        paths: Parquet files, or JSON lines, plain or compressed.
        most: Maximum number of texts per file, spread evenly over it.

    Raises:
        InputError: A file cannot be read, or there are too few texts.
    """
    found = CountedTexts()
    for path in paths:
        rows = _parquet(path) if path.suffix == ".parquet" else _json_lines(path)
        step = max(1, -(-len(rows) // most))
        for place, (text, language) in enumerate(rows[::step]):
            held = found.apart.setdefault(language, []) if place % EVERY == 0 else None
            if held is not None and len(held) < MOST_APART:
                held.append(text)
            else:
                found.counted.append(text)
    if len(found.counted) < EVERY:
        raise InputError(
            f"{len(found.counted)} texts in {', '.join(map(str, paths))}; expected {EVERY} or more, thousands for each "
            "language that is searched"
        )
    return found


def _parquet(path: Path) -> list[tuple[str, str]]:
    import pyarrow.parquet as pq

    try:
        named = next((name for name in LANGUAGE_FIELDS if name in pq.read_schema(path).names), None)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", path=path) from error
    table = read_table(path, ["text"] if named is None else ["text", named])
    texts = table["text"].to_pylist()
    languages = [UNKNOWN_LANGUAGE] * len(texts) if named is None else table[named].to_pylist()
    return [(str(text), str(language)) for text, language in zip(texts, languages, strict=True) if text]


def _json_lines(path: Path) -> list[tuple[str, str]]:
    rows = []
    for line, row in read_json_lines(path, fields=("text",)):
        if not isinstance(row["text"], str):
            raise InputError("`text` is not text", path=path, line=line)
        language = next((row[name] for name in LANGUAGE_FIELDS if row.get(name)), UNKNOWN_LANGUAGE)
        rows.append((row["text"], str(language)))
    return rows
