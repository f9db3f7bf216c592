"""MLQA-R: questions in 7 languages, each parallel in some of them, so that the number of golds varies."""

from __future__ import annotations

from pathlib import Path

from searchapp.errors import InputError
from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.evaluation.tasks.lareqa import load_lareqa

LANGUAGES = ("ar", "de", "en", "es", "hi", "vi", "zh")


def load_mlqa_r(folder: Path) -> RetrievalTask:
    """Read MLQA-R and check what must hold of it: one gold per language at most, one in the question's own.

    Raises:
        InputError: A file is missing or damaged, or a question breaks that rule.
    """
    task = load_lareqa(folder, name="mlqa-r", languages=LANGUAGES)
    language_of = {passage.id: passage.language for passage in task.passages}
    for query in task.queries:
        found = sorted(language_of[pid] for pid in task.qrels[query.id])
        if len(set(found)) != len(found) or query.language not in found:
            raise InputError(
                f"question {query.id} has golds in {', '.join(found)}; expected one in its own language, "
                "and at most one in each other",
                path=folder,
            )
    return task
