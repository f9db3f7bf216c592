"""What is evaluated: parallel queries, a pool of candidates in all languages, and one gold per query and language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.errors import InputError

XQUAD_R_CANDIDATES = 13_014
XQUAD_R_QUESTIONS = 1_190


@dataclass(frozen=True, slots=True)
class ParallelTask:
    """A LAReQA-style task: the same questions in every language, answered in every language.

    Attributes:
        languages: The languages, in the order of the axes below.
        queries: (languages × questions) texts: `queries[l][q]` is question `q` in language `l`.
        passages: Candidates of the pool.
        contexts: Context of each candidate.
        passage_languages: (candidates,) index into `languages`.
        gold: (questions, languages) candidate that answers each question in each language.
    """

    name: str
    languages: tuple[str, ...]
    queries: tuple[tuple[str, ...], ...]
    passages: tuple[str, ...]
    contexts: tuple[str, ...]
    passage_languages: NDArray[np.int64]
    gold: NDArray[np.int64]


def load_lareqa(folder: Path, *, name: str = "xquad-r") -> ParallelTask:
    """Read LAReQA-format files (`de.json`, `en.json`, …; Roy et al. 2020): every sentence is a candidate.

    The gold is the sentence with start ≤ answer_start < end. Questions that any language lacks are left out, except
    for `xquad-r`, where all must be there.

    Raises:
        InputError: A file is damaged, or `xquad-r` has not exactly 13,014 candidates and 1,190 questions.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InputError("no .json files; expected one per language, such as de.json", path=folder)
    passages: list[str] = []
    contexts: list[str] = []
    owners: list[int] = []
    questions: list[dict[str, tuple[str, int]]] = []
    for row, file in enumerate(files):
        found: dict[str, tuple[str, int]] = {}
        for paragraph in _paragraphs(file):
            context, breaks = paragraph["context"], paragraph["sentence_breaks"]
            first = len(passages)
            passages += [context[start:end] for start, end in breaks]
            contexts += [context] * len(breaks)
            owners += [row] * len(breaks)
            for question in paragraph["qas"]:
                at = question["answers"][0]["answer_start"]
                inside = [number for number, (start, end) in enumerate(breaks) if start <= at < end]
                if not inside:
                    raise InputError(f"question {question['id']}: no sentence holds its answer at {at}", path=file)
                found[question["id"]] = (question["question"], first + inside[0])
        questions.append(found)
    shared = [qid for qid in questions[0] if all(qid in found for found in questions)]
    if name == "xquad-r" and (len(passages), len(shared)) != (XQUAD_R_CANDIDATES, XQUAD_R_QUESTIONS):
        raise InputError(
            f"{len(passages):,} candidates and {len(shared):,} questions, XQuAD-R has {XQUAD_R_CANDIDATES:,} and "
            f"{XQUAD_R_QUESTIONS:,}; the files are not complete",
            path=folder,
        )
    return ParallelTask(
        name=name,
        languages=tuple(file.stem for file in files),
        queries=tuple(tuple(found[qid][0] for qid in shared) for found in questions),
        passages=tuple(passages),
        contexts=tuple(contexts),
        passage_languages=np.array(owners),
        gold=np.array([[found[qid][1] for found in questions] for qid in shared]),
    )


def _paragraphs(file: Path) -> list[dict[str, Any]]:
    try:
        articles = json.loads(file.read_text(encoding="utf-8"))["data"]
        found = [paragraph for article in articles for paragraph in article["paragraphs"]]
        for paragraph in found:
            if not {"context", "sentence_breaks", "qas"} <= set(paragraph):
                raise InputError(f"a paragraph has {', '.join(paragraph)}; expected sentence_breaks too", path=file)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"not in LAReQA format ({type(error).__name__}: {error})", path=file) from error
    return found
