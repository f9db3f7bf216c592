"""Read MLQA-R: questions in 7 languages, each parallel in some of them, so that the number of golds varies."""

from __future__ import annotations

from pathlib import Path

from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.evaluation.tasks.lareqa import load_lareqa

LANGUAGES = ("ar", "de", "en", "es", "hi", "vi", "zh")


def load_mlqa_r(folder: Path) -> RetrievalTask:
    """Read MLQA-R. A question has one gold in each language that contains the question.

    Args:
        folder: Folder with `<language>.json` for each of the 7 languages.

    Raises:
        InputError: A file is missing or damaged, or contains a question twice.
    """
    return load_lareqa(folder, name="mlqa-r", languages=LANGUAGES)
