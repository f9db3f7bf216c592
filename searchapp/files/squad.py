"""Name SQuAD-style files and paragraphs, so that index and evaluation use the same ids."""

from __future__ import annotations

import re
from pathlib import Path

_SUFFIX = re.compile(r"\.json(?:\.(?:gz|zst|zstd))?$", re.IGNORECASE)


def is_squad_name(path: Path) -> bool:
    """Return whether a file name ends in `.json`, plain or compressed; `en.json.bak` does not.

    Args:
        path: The file.
    """
    return _SUFFIX.search(path.name) is not None


def squad_stem(path: Path) -> str:
    """Return a file's name without its format suffixes: `xquad.de` for `xquad.de.json.gz`.

    Args:
        path: The file.
    """
    return _SUFFIX.sub("", path.name)


def squad_document_id(path: Path, *, article: int, paragraph: int) -> str:
    """Return the document id of a paragraph, such as `de/3/0`.

    Args:
        path: The file that contains the paragraph.
        article: Index of the article in the file, from 0.
        paragraph: Index of the paragraph in the article, from 0.
    """
    return f"{squad_stem(path)}/{article}/{paragraph}"
