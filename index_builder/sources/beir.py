"""A BEIR folder: its `corpus.jsonl`, plain or compressed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from index_builder.sources.base import Columns
from index_builder.sources.jsonl import JsonlSource
from searchapp.errors import InputError


def beir_source(folder: Path, columns: Columns) -> JsonlSource:
    """Read the corpus of a BEIR folder: `_id`, `title`, `text`; raises InputError when there is none."""
    corpora = sorted(folder.glob("corpus.jsonl*"))
    if not corpora:
        raise InputError("no corpus.jsonl in this folder; a BEIR folder has one beside queries.jsonl", path=folder)
    return JsonlSource(corpora[0], replace(columns, id=columns.id or "_id", text=columns.text or "text"))
