"""The operators of a query as a stage: candidates that break one are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question
from searchapp.text.operators import Operators


@dataclass(frozen=True, slots=True)
class OperatorStage:
    """Leaves out candidates that lack a phrase or a word of the title, or have a word that is not wanted.

    Attributes:
        operators: Of the query.
    """

    operators: Operators
    name: str = "operators"
    needs_vectors: bool = False
    needs_payload: bool = True

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Give the candidates that the operators allow, in their order.

        Args:
            candidates: Best first.
            question: Not asked.
        """
        return self.extend([], candidates)

    def extend(self, ranked: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
        """Add the further candidates that the operators allow.

        Args:
            ranked: Allowed before.
            more: Candidates below them.
        """
        return [*ranked, *(candidate for candidate in more if self._allows(candidate))]

    def _allows(self, candidate: Candidate) -> bool:
        return self.operators.allow(
            title=candidate.payload.title,
            text=candidate.payload.text,
            language=candidate.language,
        )
