"""Read BEIR folders: `corpus.jsonl`, `queries.jsonl` and `qrels/<split>.tsv`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from searchapp.datatypes import UNKNOWN_LANGUAGE
from searchapp.errors import InputError
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.evaluation.tasks.reading import existing, read_qrels, text_of
from searchapp.files.json_lines import read_json_lines
from searchapp.text.detection import FastDetector
from searchapp.text.languages import canonical
from searchapp.text.normalise import normalize

MEASURES = ("nDCG@10", "mAP", "R@100", "RR@10", "P@10")
SPLITS = ("test", "dev", "train")

SAMPLE = 400
"""Number of texts from which a task's language is detected."""

MAJORITY = 0.8
"""Share of the sample from which one language is assumed for the whole task."""

Row = dict[str, Any]


def load_beir(
    folder: Path, *, split: str | None = None, language: str = UNKNOWN_LANGUAGE, name: str | None = None
) -> RetrievalTask:
    """Read a BEIR folder; a passage consists of its title and text.

    A passage with the same id and text as a query is ignored for that query.

    Rows may contain `language` (BCP 47), and queries `group` (equal for translations of one query). Language bias is then
    measured as well.

    Args:
        folder: Folder with `corpus.jsonl`, `queries.jsonl` and `qrels/`.
        split: Split whose qrels are read; default: the first of test, dev and train that exists.
        language: Language of rows without one; `und` to detect it.
        name: Name of the task; default: the folder's name.

    Raises:
        InputError: A file is missing or damaged, or qrels and files do not match.
    """
    corpus = existing(folder / "corpus.jsonl", what="a BEIR folder with corpus.jsonl, queries.jsonl and qrels/")
    asked = existing(folder / "queries.jsonl", what="a BEIR folder with corpus.jsonl, queries.jsonl and qrels/")
    qrels = read_qrels(_qrels_file(folder, split))
    documents = [(line, row) for line, row in read_json_lines(corpus, fields=("_id", "text"))]
    questions = [(line, row) for line, row in read_json_lines(asked, fields=("_id", "text"))]
    texts = [_text(row, path=corpus, line=line) for line, row in documents]
    asking = [text_of(row, "text", path=asked, line=line) for line, row in questions]
    spoken = _languages([row for _, row in documents], texts, default=language)
    speaking = _languages([row for _, row in questions], asking, default=language, others=texts)
    passages = tuple(
        TaskPassage(id=str(row["_id"]), text=text, language=code)
        for (_, row), text, code in zip(documents, texts, spoken, strict=True)
    )
    queries = tuple(
        TaskQuery(id=str(row["_id"]), text=text, languages=(code,), group=str(row.get("group", "")))
        for (_, row), text, code in zip(questions, asking, speaking, strict=True)
    )
    own = {
        str(row["_id"]): {_plain(str(row["text"])), _plain(text)}
        for (_, row), text in zip(documents, texts, strict=True)
    }
    return RetrievalTask(
        name=name or folder.name,
        queries=queries,
        passages=passages,
        qrels=qrels,
        measures=MEASURES,
        excluded={query.id: frozenset((query.id,)) for query in queries if _plain(query.text) in own.get(query.id, ())},
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


def _languages(rows: Sequence[Row], texts: Sequence[str], *, default: str, others: Sequence[str] = ()) -> list[str]:
    """Read each row's language, or detect it: one language for all rows if nearly all are in it."""
    given = [canonical(row["language"]) if isinstance(row.get("language"), str) else UNKNOWN_LANGUAGE for row in rows]
    silent = [place for place, code in enumerate(given) if code == UNKNOWN_LANGUAGE]
    if default == UNKNOWN_LANGUAGE and silent:
        detector = FastDetector()
        sample = [*(texts[place] for place in silent), *others]
        sample = sample[:: max(1, len(sample) // SAMPLE)]
        counts = Counter(found.language for found in detector.detect_batch(sample))
        code, count = counts.most_common(1)[0]
        if count < MAJORITY * len(sample):
            found = detector.detect_batch([texts[place] for place in silent])
            for place, detection in zip(silent, found, strict=True):
                given[place] = detection.language
            return given
        default = code
    return [default if code == UNKNOWN_LANGUAGE else code for code in given]


def _plain(text: str) -> str:
    """Normalise what two copies of a text may differ in: case and spaces."""
    return " ".join(normalize(text).casefold().split())
