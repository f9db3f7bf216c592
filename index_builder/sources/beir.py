"""Read the `corpus.jsonl` of a BEIR folder, plain or compressed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index_builder.sources.base import ReadOptions
from index_builder.sources.jsonl import JsonlSource
from searchapp.errors import InputError


def beir_source(folder: Path, options: ReadOptions) -> JsonlSource:
    """Read the corpus of a BEIR folder: `_id`, `title`, `text`.

    Args:
        folder: Folder with `corpus.jsonl`, plain or compressed.
        options: How to read it.

    Raises:
        InputError: There is no corpus.
    """
    corpora = sorted(folder.glob("corpus.jsonl*"))
    if not corpora:
        raise InputError("no corpus.jsonl in this folder; a BEIR folder has one next to queries.jsonl", path=folder)
    columns = replace(options.columns, id=options.columns.id or "_id", text=options.columns.text or "text")
    return JsonlSource(corpora[0], replace(options, columns=columns))
