"""Remove candidates that violate the query's operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question
from searchapp.text.operators import Operators


@dataclass(frozen=True, slots=True)
class OperatorStage:
    """Removes candidates that lack a required phrase or title word, or contain an excluded word.

    Args:
        operators: Operators of the query.
    """

    operators: Operators
    name: str = "operators"
    needs_vectors: bool = False
    needs_fields: tuple[str, ...] = ("title", "text")

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Return the candidates that the operators allow, in the same order.

        Args:
            candidates: Candidates, best first.
            question: Not used.
        """
        return self.extend([], candidates)

    def extend(self, ranked: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
        """Append the further candidates that the operators allow.

        Args:
            ranked: Candidates already allowed.
            more: Candidates below them.
        """
        return [*ranked, *(candidate for candidate in more if self._allows(candidate))]

    def _allows(self, candidate: Candidate) -> bool:
        return self.operators.allow(
            title=candidate.payload.title,
            text=candidate.payload.text,
            language=candidate.language,
        )
