"""Run the ranking stages between retrieval and the page, and record what each of them changed and cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Protocol

from searchapp.datatypes import FloatArray, LanguageReport, LanguageSpan, Move, RankingStep
from searchapp.ranking.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Question:
    """What the stages know about a search.

    Attributes:
        vector: (dimension,) query vector of the dense leg; None in a lexical search.
        limit: Number of candidates on this page and the pages before it.
        baseline: Number of searched passages by language.
    """

    text: str
    spans: tuple[LanguageSpan, ...]
    vector: FloatArray | None
    limit: int
    baseline: Mapping[str, int]


class Stage(Protocol):
    """A step that changes the ranking. Thread-safe."""

    @property
    def name(self) -> str: ...

    @property
    def needs_vectors(self) -> bool:
        """Return whether the candidates must carry their vectors."""
        ...

    @property
    def needs_fields(self) -> tuple[str, ...]:
        """Stored fields that the candidates must carry besides the language. Only these are read: metadata can be large."""
        ...

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Order the candidates anew, best first. Some may be removed, none is added.

        Args:
            candidates: Candidates in the order of the previous stage, best first.
            question: What the stage may know about the search.
        """
        ...


def run_stages(
    stages: Sequence[Stage],
    candidates: Sequence[Candidate],
    question: Question,
    *,
    report: Callable[[Sequence[str]], LanguageReport],
) -> tuple[list[Candidate], tuple[RankingStep, ...], dict[str, float]]:
    """Apply the stages one after the other.

    Args:
        stages: Stages in the order in which they run.
        candidates: Retrieved candidates, best first.
        question: The query and its languages.
        report: Creates the language report from the languages of the first candidates.

    Returns:
        The final order, the record of each stage, and its milliseconds.
    """
    order, steps, timings = list(candidates), [], {}
    for stage in stages:
        begun = time.perf_counter()
        before, order = order, stage.rank(order, question)
        timings[stage.name] = (time.perf_counter() - begun) * 1000
        steps.append(
            RankingStep(
                name=stage.name,
                moves=_moves(before, order, question.limit),
                relevance_lost=_lost(before, order, question.limit),
                before=report([candidate.language for candidate in before[: question.limit]]),
            )
        )
    return order, tuple(steps), timings


def _moves(before: Sequence[Candidate], after: Sequence[Candidate], limit: int) -> tuple[Move, ...]:
    was = {candidate.id: rank for rank, candidate in enumerate(before[:limit], start=1)}
    now = {candidate.id: rank for rank, candidate in enumerate(after[:limit], start=1)}
    shown = {candidate.id: candidate for candidate in (*after[:limit], *before[:limit])}
    return tuple(
        Move(id=id_, language=candidate.language, before=was.get(id_), after=now.get(id_))
        for id_, candidate in shown.items()
        if was.get(id_) != now.get(id_)
    )


def _lost(before: Sequence[Candidate], after: Sequence[Candidate], limit: int) -> float:
    scores = {candidate.id: candidate.score for candidate in before}
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    if high == low:
        return 0.0

    def gain(order: Sequence[Candidate]) -> float:
        scaled = ((scores[candidate.id] - low) / (high - low) for candidate in order[:limit])
        return sum(value / log2(rank + 1) for rank, value in enumerate(scaled, start=1))

    return max(0.0, 1 - gain(after) / gain(before))
