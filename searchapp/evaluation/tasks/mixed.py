"""Create mixed-language queries from parallel ones by splicing spans of several languages together."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import regex

from searchapp.errors import InputError
from searchapp.evaluation.tasks.base import RetrievalTask, TaskQuery
from searchapp.text.scripts import CLAUSES, IDEOGRAPHS, UNSPACED

# A word with adjacent punctuation, a single Chinese, Japanese or Korean character, or, where words are not separated
# (Thai, Lao, Khmer, Burmese), a whole grapheme.
_UNIT = regex.compile(
    rf"[{IDEOGRAPHS}]\p{{M}}*[\p{{P}}]*\s*"
    rf"|(?:(?![{UNSPACED}])\S)+\s*"
    r"|\X\s*",
    regex.VERSION1,
)
_DENSE = regex.compile(f"[{CLAUSES}]")
NEAR = 0.2
"""Distance from the wanted position, as a share of the text, within which a space in an unspaced script is preferred."""


def spliced_queries(task: RetrievalTask, *, parts: int, seed: int = 0) -> tuple[TaskQuery, ...]:
    """Create one query per group of translations: its first part in one language, the next in another, and so on.

    The languages are drawn at random and cut at word boundaries near equal shares of each text, so that the meaning
    continues as far as word orders agree. Thai and similar scripts are cut at a space if there is one nearby, else between
    graphemes, because finding words in them would take a dictionary.

    Args:
        task: A task with parallel queries (equal `group`).
        parts: Languages per query, 2 or more.
        seed: Seed of the draw.

    Raises:
        InputError: No group has queries in that many languages.
    """
    random = Random(seed)  # noqa: S311
    queries = []
    for group, members in sorted(parallel_groups(task).items()):
        if len(members) < parts:
            continue
        chosen = random.sample(members, parts)
        spans = [span(query.text, place / parts, (place + 1) / parts) for place, query in enumerate(chosen)]
        languages = tuple(query.language for query in chosen)
        identifier = f"{group}.spliced.{'+'.join(languages)}"
        queries.append(TaskQuery(id=identifier, text=" ".join(filter(None, spans)), languages=languages, group=group))
    if not queries:
        raise InputError(f"{task.name} has no query in {parts} languages or more: there is nothing to splice")
    return tuple(queries)


def span(text: str, start: float, end: float) -> str:
    """Cut out the part of a text between two shares of its length, moved to word boundaries.

    Args:
        text: Text of a query.
        start: Share of the length at which the part begins, between 0 and 1.
        end: Share of the length at which it ends, between 0 and 1.
    """
    return text[_boundary(text, start) : _boundary(text, end)].strip()


def mixed_task(task: RetrievalTask, queries: Sequence[TaskQuery]) -> RetrievalTask:
    """Create a task with the same pool and golds and with other queries of the same groups.

    Args:
        task: The task that the queries were made from.
        queries: The new queries; the golds of each are those of its group.
    """
    golds = {query.group: task.qrels[query.id] for query in task.queries if query.group}
    return RetrievalTask(
        name=f"{task.name}-mixed",
        queries=tuple(queries),
        passages=task.passages,
        qrels={query.id: dict(golds[query.group]) for query in queries},
        measures=task.measures,
        source=task.source,
    )


def parallel_groups(task: RetrievalTask) -> dict[str, list[TaskQuery]]:
    """Return single-language queries by group, sorted by language, for groups of two or more languages.

    Args:
        task: A task whose parallel queries have equal groups.
    """
    groups: dict[str, list[TaskQuery]] = {}
    for query in sorted(task.queries, key=lambda query: query.languages):
        if query.group and len(query.languages) == 1:
            groups.setdefault(query.group, []).append(query)
    return {group: members for group, members in groups.items() if len({member.language for member in members}) > 1}


def _boundary(text: str, share: float) -> int:
    """Return the end of the unit nearest to a share of the text."""
    if share <= 0 or share >= 1:
        return 0 if share <= 0 else len(text)
    ends = [match.end() for match in _UNIT.finditer(text)]
    wished = share * len(text)
    if _DENSE.search(text):
        spaces = [end for end in ends if text[end - 1].isspace() and abs(end - wished) <= NEAR * len(text)]
        ends = spaces or ends
    return min(ends, key=lambda end: abs(end - wished), default=len(text))
