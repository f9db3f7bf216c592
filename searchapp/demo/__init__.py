"""Locate the demo corpus: parallel passages on many topics, with queries in one or several languages (CC0)."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def corpus_path() -> Path:
    """Return the path of the passages: JSON lines with `id`, `topic`, `language`, `title`, `text`."""
    return _FOLDER / "corpus.jsonl"


def embeddings_path() -> Path:
    """Return the path of the passages' embeddings by the shipped transformer, from `searchapp index embeddings`."""
    return _FOLDER / "embeddings.npz"


def queries_path() -> Path:
    """Return the path of the queries: JSON lines with `_id`, `text`, `languages`."""
    return _FOLDER / "queries.jsonl"


def qrels_path() -> Path:
    """Return the path of the judgements, tab-separated with a header: `query-id`, `corpus-id`, `score`."""
    return _FOLDER / "qrels.tsv"


def paraphrases_path() -> Path:
    """Return the path of questions without content words of their answer: JSON lines with `text`, `language`, `topic`."""
    return _FOLDER / "paraphrases.jsonl"


def development_paraphrases_path() -> Path:
    """Return the path of further such questions for making choices; those of `paraphrases_path` are for testing only."""
    return _FOLDER / "paraphrases_development.jsonl"
