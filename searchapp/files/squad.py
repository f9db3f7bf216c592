"""The names of SQuAD-style files and paragraphs: the index and the evaluation must give the same ids."""

from __future__ import annotations

import re
from pathlib import Path

_SUFFIX = re.compile(r"\.json(?:\.(?:gz|zst|zstd))?$", re.IGNORECASE)


def is_squad_name(path: Path) -> bool:
    """Tell whether a file is named as JSON, plain or packed; `en.json.bak` is not.

    Args:
        path: The file.
    """
    return _SUFFIX.search(path.name) is not None


def squad_stem(path: Path) -> str:
    """Name a file without what says its format: `xquad.de` for `xquad.de.json.gz`.

    Args:
        path: The file.
    """
    return _SUFFIX.sub("", path.name)


def squad_document_id(path: Path, *, article: int, paragraph: int) -> str:
    """Name a paragraph, such as `de/3/0`.

    Args:
        path: The file that holds it.
        article: Its article's place in the file, from 0.
        paragraph: Its place in the article, from 0.
    """
    return f"{squad_stem(path)}/{article}/{paragraph}"
