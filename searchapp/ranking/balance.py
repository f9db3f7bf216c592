"""The stage that balances languages, by one of five methods; λ = 0 is pure relevance, λ = 1 is balanced.

| method | balanced means | what it does |
|---|---|---|
| `fair` | baseline shares | relevance, within bounds on every language's hits at every prefix |
| `quota` | baseline shares | relevance, within quotas between what relevance gives and the shares |
| `zscore` | an equal footing of scores, no shares | merges scores standardised within each language |
| `rrf` | uniform: every language's list counts alike | fuses the languages' own lists by ranks |
| `turns` | uniform, the first places too | the languages' best hits take turns, the order drawn by lot for each query |

The baseline is what the language report compares with: the shares of the collection, or of what the filters leave of it.
So a collection that is 90 % English may be 90 % English on a balanced page; `rrf` is for those who want every language
alike. A language's own order never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from searchapp.options import Balance
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.fair import fair
from searchapp.ranking.quota import quota
from searchapp.ranking.rrf import rrf
from searchapp.ranking.stages import Question
from searchapp.ranking.turns import turns
from searchapp.ranking.zscore import BEST, zscore


@dataclass(frozen=True, slots=True)
class BalanceStage:
    """Balances the languages of the candidates.

    The score of a place is the score that relevance had there, so that scores go on falling from hit to hit, into what
    comes below the candidates. A candidate's own relevance stays among its score's parts, as `relevance`, beside what the
    method sorted by, as `balance`.

    Attributes:
        method: One of the table above.
        strength: λ, 0 to 1.
        places: `fair` and `quota` order so many; the same for all pages, so that they follow each other.
    """

    method: Balance
    strength: float
    places: int
    name: str = "balance"
    needs_vectors: bool = False
    needs_payload: bool = False

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Give the candidates in their balanced order."""
        if self.strength == 0 or len(candidates) < 2:
            return list(candidates)
        languages = [candidate.language for candidate in candidates]
        falling = sorted((candidate.score for candidate in candidates), reverse=True)
        if self.method in ("fair", "quota"):
            place = fair if self.method == "fair" else quota
            order = place(languages, shares=shares(question.baseline), strength=self.strength, places=self.places)
            parts: list[dict[str, float]] = [{}] * len(candidates)
        else:
            relevance = [candidate.score for candidate in candidates]
            if self.method == "zscore":
                scores = zscore(relevance, languages, strength=self.strength)
            elif self.method == "rrf":
                scores = rrf(languages, strength=self.strength)
            else:
                scores = turns(languages, strength=self.strength, seed=question.text)
            order = sorted(range(len(candidates)), key=lambda position: -scores[position])
            parts = [{"balance": score} for score in scores]
        return [
            replace(found, score=score, scores={**found.scores, "relevance": found.score, **parts[position]})
            for position, score in zip(order, falling, strict=True)
            for found in (candidates[position],)
        ]


def shares(baseline: Mapping[str, int]) -> dict[str, float]:
    """Baseline shares of the languages; empty where nothing is counted."""
    total = sum(baseline.values())
    return {language: count / total for language, count in baseline.items()} if total else {}


def candidates_per_language(baseline: Mapping[str, int], *, depth: int) -> dict[str, int]:
    """How many candidates of each language a balanced ranking chooses from: its share of the depth, a few at least."""
    return {
        language: min(baseline[language], max(BEST, ceil(share * depth)))
        for language, share in shares(baseline).items()
    }
