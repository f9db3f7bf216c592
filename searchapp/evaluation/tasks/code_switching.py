"""Create code-switched queries (arXiv 2305.05295): words replaced by their translations from a lexicon."""

from __future__ import annotations

from random import Random
from typing import Any

from searchapp.errors import InputError
from searchapp.evaluation.tasks.base import RetrievalTask, TaskQuery
from searchapp.evaluation.tasks.mixed import parallel_groups
from searchapp.text.lexicon import WORD, Lexicon


def code_switched_queries(
    task: RetrievalTask, lexicon: Lexicon, *, probability: float = 0.5, seed: int = 0
) -> tuple[TaskQuery, ...]:
    """Create one query per group of translations: a query whose words are replaced by those of one other language.

    Both languages are drawn at random. Each word is replaced with the given probability if the lexicon contains it
    (lower-cased). Groups in which nothing could be replaced are left out.

    Args:
        task: A task with parallel queries (equal `group`).
        lexicon: Translates single words.
        probability: Probability that a word is replaced, in (0, 1].
        seed: Seed of the draws.

    Raises:
        InputError: No word could be replaced.
    """
    random = Random(seed)  # noqa: S311
    queries = []
    for group, members in sorted(parallel_groups(task).items()):
        base, other = random.sample(members, 2)
        text = _switch(base, other.language, lexicon, probability=probability, random=random)
        if text != base.text:
            languages = (base.language, other.language)
            identifier = f"{group}.switched.{'+'.join(languages)}"
            queries.append(TaskQuery(id=identifier, text=text, languages=languages, group=group))
    if not queries:
        raise InputError(f"the lexicon has no word of the queries of {task.name}: nothing can be code-switched")
    return tuple(queries)


def _switch(query: TaskQuery, target: str, lexicon: Lexicon, *, probability: float, random: Random) -> str:
    def replace(match: Any) -> str:
        if random.random() >= probability:
            return str(match[0])
        found = lexicon.translate(match[0], source=query.language, target=target, random=random)
        return str(match[0]) if found is None else found

    return str(WORD.sub(replace, query.text))
