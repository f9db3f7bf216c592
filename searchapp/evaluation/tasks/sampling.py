"""Sample a task's queries while keeping its whole pool."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from searchapp.errors import ConfigurationError
from searchapp.evaluation.tasks.base import RetrievalTask


def sample_queries(task: RetrievalTask, count: int, *, seed: int = 0) -> RetrievalTask:
    """Draw about `count` queries in whole groups of translations, so that bias measures stay defined.

    Args:
        task: Queries, passages and judgements.
        count: Number of queries wanted. The last group is kept whole, so there may be a few more.
        seed: Seed of the draw.

    Raises:
        ConfigurationError: The count is below 1.
    """
    if count < 1:
        raise ConfigurationError(f"a sample of {count} queries; expected 1 or more")
    members: dict[str, list[str]] = {}
    for query in task.queries:
        members.setdefault(query.group or f"\x00{query.id}", []).append(query.id)
    groups = sorted(members)
    Random(seed).shuffle(groups)  # noqa: S311
    kept: set[str] = set()
    for group in groups:
        if len(kept) >= count:
            break
        kept.update(members[group])
    return replace(task, queries=tuple(query for query in task.queries if query.id in kept))
