"""Read your own judgements: files of queries and qrels, and optionally the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from searchapp.datatypes import UNKNOWN_LANGUAGE
from searchapp.errors import InputError
from searchapp.evaluation.tasks.base import QUALITY_MEASURES, RetrievalTask, TaskPassage, TaskQuery
from searchapp.evaluation.tasks.reading import existing, read_qrels, text_of
from searchapp.files.json_lines import read_json_lines
from searchapp.files.text_lines import read_lines
from searchapp.text.languages import canonical
from searchapp.text.normalise import normalize

MEASURES = ("nDCG@10", *(measure for measure in QUALITY_MEASURES if measure != "nDCG@10"))
IDS = ("id", "_id", "qid", "pid", "docid")


def load_qrels_task(folder: Path, *, name: str | None = None) -> RetrievalTask:
    """Read a folder with `queries.jsonl` or `queries.tsv`, `qrels.tsv` or `qrels.txt`, and optionally `corpus.jsonl`.

    A JSONL row contains an id (`id` or `_id`), `text`, and optionally `language`, `title`, `context` and `group` (equal for
    translations of one query). A TSV line of queries is qid, text and optionally language. Without a corpus the pool is
    what a collection returns, so that only collections and runs can be evaluated.

    Args:
        folder: Folder with the files.
        name: Name of the task; None for the folder's.

    Raises:
        InputError: A file is missing or damaged, or the files do not match.
    """
    qrels = read_qrels(_either(folder, "qrels.tsv", "qrels.txt"))
    asked = _either(folder, "queries.jsonl", "queries.tsv")
    queries = tuple(_queries_tsv(asked) if ".tsv" in asked.suffixes else _queries_jsonl(asked))
    corpora = [path for path in (folder / "corpus.jsonl", folder / "corpus.jsonl.gz") if path.is_file()]
    if corpora:
        passages = tuple(_passages(corpora[0]))
    else:
        golds = {pid for judged in qrels.values() for pid, relevance in judged.items() if relevance > 0}
        passages = tuple(TaskPassage(id=pid, text="") for pid in sorted(golds))
    return RetrievalTask(
        name=name or folder.name,
        queries=queries,
        passages=passages,
        qrels=qrels,
        measures=MEASURES,
        source=str(folder),
    )


def _either(folder: Path, first: str, second: str) -> Path:
    for name in (first, f"{first}.gz", second, f"{second}.gz"):
        if (folder / name).is_file():
            return folder / name
    return existing(folder / first, what=f"{first} or {second}")


def _queries_tsv(path: Path) -> Iterator[TaskQuery]:
    for number, line in read_lines(path):
        cells = line.split("\t")
        if len(cells) not in (2, 3):
            raise InputError(
                f"{len(cells)} tab-separated cells, expected qid, text (, language)", path=path, line=number
            )
        language = canonical(cells[2]) if len(cells) == 3 else UNKNOWN_LANGUAGE
        yield TaskQuery(id=cells[0].strip(), text=normalize(cells[1]), languages=(language,))


def _queries_jsonl(path: Path) -> Iterator[TaskQuery]:
    for line, row in read_json_lines(path, fields=("text",)):
        yield TaskQuery(
            id=_id(row, path=path, line=line),
            text=text_of(row, "text", path=path, line=line),
            languages=_languages(row),
            group=str(row.get("group", "")),
        )


def _passages(path: Path) -> Iterator[TaskPassage]:
    for line, row in read_json_lines(path, fields=("text",)):
        text = text_of(row, "text", path=path, line=line)
        title = text_of(row, "title", path=path, line=line) if row.get("title") else ""
        yield TaskPassage(
            id=_id(row, path=path, line=line),
            text=f"{title} {text}".strip(),
            language=_languages(row)[0],
            context=text_of(row, "context", path=path, line=line) if row.get("context") else "",
        )


def _id(row: dict[str, Any], *, path: Path, line: int) -> str:
    for name in IDS:
        if name in row:
            return str(row[name])
    raise InputError(f"an object with {', '.join(row)}; expected an id under {' or '.join(IDS)}", path=path, line=line)


def _languages(row: dict[str, Any]) -> tuple[str, ...]:
    value = row.get("languages", row.get("language"))
    if isinstance(value, list) and value:
        return tuple(canonical(str(code)) for code in value)
    return (canonical(value),) if isinstance(value, str) and value else (UNKNOWN_LANGUAGE,)
