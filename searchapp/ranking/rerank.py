"""Re-score the first candidates with a model that reads query and passage together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Protocol

from searchapp.errors import EncoderError
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question


class Reranker(Protocol):
    """Scores passages for a query; higher is better. Thread-safe."""

    def score(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """Score passages for a query; higher is better.

        Args:
            query: Text of the query.
            texts: Titles and texts of the passages.

        Returns:
            One finite number per text.
        """
        ...


@dataclass(frozen=True, slots=True)
class RerankStage:
    """Orders the first `depth` candidates by a re-ranker's scores; the others follow in their previous order.

    A re-ranked candidate's score is the re-ranker's. The scores of the others continue downwards from the lowest one, so
    that later stages see a single falling scale.
    """

    reranker: Reranker
    depth: int
    name: str = "rerank"
    needs_vectors: bool = False
    needs_fields: tuple[str, ...] = ("title", "text")

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Score and sort the candidates; ties keep their order.

        Args:
            candidates: Candidates, best first, with their payloads.
            question: The search, with the text of the query.

        Raises:
            EncoderError: The re-ranker returned a wrong number of scores, or a score that is not a finite number.
        """
        first, rest = candidates[: self.depth], candidates[self.depth :]
        if not first:
            return []
        scores = [float(score) for score in self.reranker.score(question.text, [_text(found) for found in first])]
        if len(scores) != len(first) or not all(map(isfinite, scores)):
            raise EncoderError(
                f"the re-ranker gave {len(scores)} scores for {len(first)} passages, expected as many finite numbers; "
                "check the model, or leave out rerank"
            )
        read = [
            replace(found, score=score, scores={**found.scores, "rerank": score})
            for found, score in zip(first, scores, strict=True)
        ]
        read.sort(key=lambda found: -found.score)
        behind = read[-1].score - rest[0].score if rest else 0.0
        return [*read, *(replace(found, score=found.score + behind) for found in rest)]


def _text(candidate: Candidate) -> str:
    """Return what a reader of the hit sees: the title, if there is one, and the passage."""
    title, text = candidate.payload.title, candidate.payload.text
    return f"{title}. {text}" if title else text
