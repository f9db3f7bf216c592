"""BEIR folders: `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from searchapp.datatypes import UNKNOWN_LANGUAGE
from searchapp.errors import InputError
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.evaluation.tasks.reading import existing, read_qrels, text_of
from searchapp.files.json_lines import read_json_lines
from searchapp.text.languages import canonical

MEASURES = ("nDCG@10", "mAP", "R@100", "RR@10", "P@10")
SPLITS = ("test", "dev", "train")


def load_beir(
    folder: Path, *, split: str | None = None, language: str = UNKNOWN_LANGUAGE, name: str | None = None
) -> RetrievalTask:
    """Read a BEIR folder; a passage is its title and text, and a query's own text never counts as its answer.

    Rows may hold `language` (BCP 47) and queries `group` (equal for translations of one query): then language bias is
    measured too.

    Args:
        split: Which qrels; default: the first of test, dev, train that is there.
        language: Of rows that do not say theirs.
        name: The task's; default: the folder's.

    Raises:
        InputError: A file is missing or damaged, or qrels and files do not fit.
    """
    corpus = existing(folder / "corpus.jsonl", what="a BEIR folder with corpus.jsonl, queries.jsonl and qrels/")
    asked = existing(folder / "queries.jsonl", what="a BEIR folder with corpus.jsonl, queries.jsonl and qrels/")
    qrels = read_qrels(_qrels_file(folder, split))
    passages = tuple(
        TaskPassage(id=str(row["_id"]), text=_text(row, path=corpus, line=line), language=_language(row, language))
        for line, row in read_json_lines(corpus, fields=("_id", "text"))
    )
    queries = tuple(
        TaskQuery(
            id=str(row["_id"]),
            text=text_of(row, "text", path=asked, line=line),
            languages=(_language(row, language),),
            group=str(row.get("group", "")),
        )
        for line, row in read_json_lines(asked, fields=("_id", "text"))
    )
    pids = {passage.id for passage in passages}
    return RetrievalTask(
        name=name or folder.name,
        queries=queries,
        passages=passages,
        qrels=qrels,
        measures=MEASURES,
        excluded={query.id: frozenset((query.id,)) for query in queries if query.id in pids},
        source=str(folder),
    )


def _qrels_file(folder: Path, split: str | None) -> Path:
    there = sorted((folder / "qrels").glob("*.tsv*"))
    by_name = {path.name.partition(".")[0]: path for path in there}
    for wanted in (split,) if split else SPLITS:
        if wanted in by_name:
            return by_name[wanted]
    raise InputError(
        f"no qrels of split {split or ' or '.join(SPLITS)}; there is {', '.join(sorted(by_name)) or 'none at all'}",
        path=folder / "qrels",
    )


def _text(row: dict[str, Any], *, path: Path, line: int) -> str:
    title = text_of(row, "title", path=path, line=line) if row.get("title") else ""
    return f"{title} {text_of(row, 'text', path=path, line=line)}".strip()


def _language(row: dict[str, Any], default: str) -> str:
    value = row.get("language")
    return canonical(value) if isinstance(value, str) and value else default
