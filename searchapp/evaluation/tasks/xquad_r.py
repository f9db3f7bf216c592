"""Read XQuAD-R: 1,190 questions in each of 11 languages, 13,014 candidate sentences, 11 golds per question."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from searchapp.errors import InputError
from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.evaluation.tasks.lareqa import load_lareqa

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "th", "tr", "vi", "zh")
CANDIDATES = 13_014
QUERIES = 1_190


def load_xquad_r(folder: Path) -> RetrievalTask:
    """Read XQuAD-R and check that it is the published set.

    Args:
        folder: Folder with `<language>.json` for each of the 11 languages.

    Raises:
        InputError: A file is missing or damaged, or a count differs from the published one.
    """
    task = load_lareqa(folder, name="xquad-r", languages=LANGUAGES)
    if len(task.passages) != CANDIDATES:
        _refuse(folder, f"{len(task.passages):,} candidate sentences, expected {CANDIDATES:,}")
    for language, count in sorted(Counter(query.language for query in task.queries).items()):
        if count != QUERIES:
            _refuse(folder, f"{count:,} questions in {language!r}, expected {QUERIES:,}")
    language_of = {passage.id: passage.language for passage in task.passages}
    for query in task.queries:
        found = sorted(language_of[pid] for pid in task.qrels[query.id])
        if found != list(LANGUAGES):
            _refuse(
                folder, f"question {query.id} has golds in {', '.join(found)}; expected one in each of 11 languages"
            )
    return task


def _refuse(folder: Path, found: str) -> None:
    raise InputError(
        f"{found}: not the published XQuAD-R. Fetch it again from github.com/google-research-datasets/lareqa, "
        "or read your own set of this layout with the task 'lareqa'",
        path=folder,
    )
