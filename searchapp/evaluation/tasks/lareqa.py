"""Read tasks of the LAReQA protocol (arXiv 2004.05484): every sentence of every language is a candidate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from searchapp.datatypes import Qrels
from searchapp.errors import InputError
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.files.json_file import read_json
from searchapp.files.squad import squad_document_id
from searchapp.text.normalise import normalize

MEASURES = ("mAP", "mAP@20", "nDCG@10", "R@20", "RR@10", "P@10")


@dataclass(frozen=True, slots=True)
class _Question:
    key: str
    text: str
    language: str
    gold: str


def load_lareqa(folder: Path, *, name: str, languages: Sequence[str]) -> RetrievalTask:
    """Read one JSON file per language, in SQuAD's layout with LAReQA's `sentence_breaks`.

    A question's golds are the sentences that contain the answer (start <= answer_start < end) in every language with a
    question of the same id. A sentence is encoded with its whole paragraph as context.

    Args:
        folder: Folder with `<language>.json` for each of `languages`.
        name: Name of the task.
        languages: BCP 47 primary subtags.

    Raises:
        InputError: A file is missing or has another layout; the message gives the place.
    """
    passages: list[TaskPassage] = []
    questions: list[_Question] = []
    for language in languages:
        path = _file(folder, language)
        for item in _read(path, language):
            if isinstance(item, TaskPassage):
                passages.append(item)
            else:
                questions.append(item)
    golds: dict[str, dict[str, int]] = {}
    for question in questions:
        golds.setdefault(question.key, {})[question.gold] = 1
    queries = tuple(
        TaskQuery(
            id=f"{question.key}.{question.language}",
            text=question.text,
            languages=(question.language,),
            group=question.key,
        )
        for question in questions
    )
    qrels: Qrels = {query.id: dict(golds[query.group]) for query in queries}
    return RetrievalTask(
        name=name, queries=queries, passages=tuple(passages), qrels=qrels, measures=MEASURES, source=str(folder)
    )


def _file(folder: Path, language: str) -> Path:
    if not folder.is_dir():
        raise InputError("there is no such folder; expected one JSON file per language", path=folder)
    found = [folder / f"{language}.json", *sorted(folder.glob(f"*.{language}.json"))]
    for path in found:
        if path.is_file():
            return path
    here = sorted(path.name for path in folder.glob("*.json"))
    raise InputError(f"no {language}.json in this folder, only {', '.join(here) or 'no JSON files'}", path=folder)


def _read(path: Path, language: str) -> Iterator[TaskPassage | _Question]:
    for article_number, article in enumerate(_list(read_json(path), "data", path=path, place="the file")):
        for number, paragraph in enumerate(_list(article, "paragraphs", path=path, place=f"article {article_number}")):
            yield from _paragraph(paragraph, (article_number, number), path=path, language=language)


def _paragraph(
    paragraph: Any, place: tuple[int, int], *, path: Path, language: str
) -> Iterator[TaskPassage | _Question]:
    where = f"article {place[0]}, paragraph {place[1]}"
    breaks = _list(paragraph, "sentence_breaks", path=path, place=where)
    context = paragraph.get("context")
    if not isinstance(context, str):
        raise InputError(f'{where}: no text under "context"', path=path)
    spans = [_span(pair, len(context), where=where, path=path) for pair in breaks]
    whole = normalize(context)
    pids = [f"{place[0]}.{place[1]}.{index}.{language}" for index in range(len(spans))]
    for index, (start, end) in enumerate(spans):
        yield TaskPassage(
            id=pids[index],
            text=normalize(context[start:end]),
            language=language,
            context=whole,
            document_id=squad_document_id(path, article=place[0], paragraph=place[1]),
            index=index,
        )
    for question in _list(paragraph, "qas", path=path, place=where):
        try:
            key, text = str(question["id"]), str(question["question"])
            start = int(question["answers"][0]["answer_start"])
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise InputError(f"{where}: a question without id, question or answers ({error!r})", path=path) from error
        holding = [index for index, (first, end) in enumerate(spans) if first <= start < end]
        if len(holding) != 1:
            raise InputError(
                f"{where}: the answer of question {key} starts at {start}, in {len(holding)} sentences; expected exactly 1",
                path=path,
            )
        yield _Question(key=key, text=normalize(text), language=language, gold=pids[holding[0]])


def _list(container: Any, key: str, *, path: Path, place: str) -> list[Any]:
    value = container.get(key) if isinstance(container, dict) else None
    if not isinstance(value, list):
        raise InputError(f'{place}: no list under "{key}"; expected LAReQA\'s JSON layout', path=path)
    return value


def _span(pair: Any, length: int, *, where: str, path: Path) -> tuple[int, int]:
    if isinstance(pair, list) and len(pair) == 2 and all(isinstance(edge, int) for edge in pair):
        start, end = pair
        if 0 <= start < end <= length:
            return start, end
    raise InputError(f"{where}: sentence break {pair!r} is not a span of the context's {length} characters", path=path)
