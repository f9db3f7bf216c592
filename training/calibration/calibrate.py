"""Choose an encoder's calibration on held-out tasks."""

from __future__ import annotations

from pathlib import Path

from searchapp.datatypes import Progress, Tell
from searchapp.encoders.base import Encoder
from training.calibration.choosing import Choice, choose, wordless
from training.calibration.held_out import english_task, questions_task, translations_task
from training.calibration.recorded import record

POOL = 240
"""Passages in the English pool, twice the number of premises, and four times the passages per language for the questions."""

CHARACTERS = 400
"""Maximum number of characters of a passage."""


def calibrate(encoder: Encoder, data: Path, *, pool: int = POOL, progress: Tell | None = None) -> Choice:
    """Choose fusion, feedback and the thresholds of relevance for an encoder on four held-out tasks.

    Args:
        encoder: The encoder to calibrate.
        data: Folder with `translations.parquet` and `qa.parquet`.
        pool: Size of the pools; see `POOL`.
        progress: Receives the name of the task being encoded.
    """
    tell = progress or (lambda state: None)
    tasks = (
        translations_task(data, pool=pool // 2, asked=pool // 8)[0],
        questions_task(data, per_language=pool // 4, asked=5 * (pool // 8), characters=CHARACTERS)[0],
        english_task(data, pool=pool, characters=CHARACTERS),
    )
    recorded = []
    for place, task in enumerate(tasks):
        counts = {"queries": len(task.queries), "passages": len(task.passages)}
        tell(Progress(task.name, place / len(tasks), counts))
        recorded.append(record(task, encoder))
    if (hard := wordless(recorded[0])) is not None:
        recorded.append(hard)
    tell(Progress("choosing", None))
    return choose(recorded)
