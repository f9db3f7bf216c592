"""Read and write TREC runs and qrels, as used by trec_eval, ir-measures and ranx."""

from __future__ import annotations

import re
from pathlib import Path

from searchapp.datatypes import Run
from searchapp.errors import InputError
from searchapp.evaluation.evaluate import Evaluation
from searchapp.evaluation.figures import run_of
from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.files.text_lines import read_lines


def write_run(path: Path, evaluation: Evaluation) -> int:
    """Write lines of `qid Q0 pid rank score tag`, best first; return their number.

    trec_eval ignores the rank and sorts by score and then by pid in reverse, so it may order equal scores differently than
    the exact scorer.

    Args:
        path: Path of the file; its folder is created if missing.
        evaluation: A finished evaluation.
    """
    tag = _word(evaluation.results.system.name) or "searchapp"
    run = run_of(evaluation.index, evaluation.ranking)
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for qid, hits in run.items():
            for rank, (pid, score) in enumerate(hits.items(), start=1):
                file.write(f"{_id(qid)} Q0 {_id(pid)} {rank} {score:.7g} {tag}\n")
                count += 1
    return count


def write_qrels(path: Path, task: RetrievalTask) -> None:
    """Write lines of `qid 0 pid relevance`.

    Args:
        path: Path of the file; its folder is created if missing.
        task: Queries and judgements.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for query in task.queries:
            for pid, relevance in task.qrels[query.id].items():
                file.write(f"{_id(query.id)} 0 {_id(pid)} {relevance}\n")


def read_run(path: Path) -> Run:
    """Read a run: qid -> pid -> score.

    Args:
        path: File with lines of `qid Q0 pid rank score tag`; the rank and the tag are not used.

    Raises:
        InputError: A line is invalid, and the message has its number; or the file has no lines.
    """
    run: Run = {}
    for number, text in read_lines(path):
        cells = text.split()
        if len(cells) != 6:
            raise InputError(
                f"{len(cells)} cells, expected qid Q0 pid rank score tag: {text[:80]!r}", path=path, line=number
            )
        try:
            run.setdefault(cells[0], {})[cells[2]] = float(cells[4])
        except ValueError as error:
            raise InputError(f"score {cells[4]!r} is not a number", path=path, line=number) from error
    if not run:
        raise InputError("an empty run", path=path)
    return run


def _id(identifier: str) -> str:
    if re.search(r"\s", identifier):
        raise InputError(f"id {identifier!r} contains a space, which TREC files do not allow")
    return identifier


def _word(name: str) -> str:
    return re.sub(r"[^\w.+-]+", "_", name).strip("_")[-40:]
