"""Limit the number of hits per language, in order of relevance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question


@dataclass(frozen=True, slots=True)
class PerLanguageStage:
    """Removes a language's candidates after its first `most`."""

    most: int
    name: str = "per language"
    needs_vectors: bool = False
    needs_fields: tuple[str, ...] = ()

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Keep the first candidates of each language, in the same order.

        Args:
            candidates: Candidates, best first.
            question: The search; not used.
        """
        return self.extend([], candidates)

    def extend(self, ranked: Sequence[Candidate], more: Sequence[Candidate]) -> list[Candidate]:
        """Append the further candidates whose languages are still below the limit.

        Args:
            ranked: Candidates that are ranked already; they stay and count towards the limit.
            more: Further candidates, best first.
        """
        kept = list(ranked)
        counts = Counter(candidate.language for candidate in ranked)
        for candidate in more:
            if counts[candidate.language] < self.most:
                counts[candidate.language] += 1
                kept.append(candidate)
        return kept
