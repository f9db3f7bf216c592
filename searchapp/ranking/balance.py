"""Balance the languages of the candidates by one of five methods; λ = 0 is pure relevance, λ = 1 is balanced.

| method | balanced means | what it does |
|---|---|---|
| `fair` | baseline shares | orders by relevance, within bounds on every language's hits at every prefix |
| `quota` | baseline shares | orders by relevance, within quotas between the relevance order and the shares |
| `zscore` | scores on an equal footing, no shares | merges scores standardised within each language |
| `rrf` | uniform: every language's list counts alike | fuses the languages' own lists by rank |
| `turns` | uniform, including the first places | lets the languages' best hits take turns, in a random order per query |

The baseline is that of the language report: the shares of the collection, or of the passages that pass the filters. A
collection that is 90 % English may therefore be 90 % English on a balanced page; `rrf` treats all languages alike instead.
The order within a language never changes.
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

    The score of a place is the score that the place had by relevance, so that scores keep falling from hit to hit and into
    the candidates below. A candidate's own relevance is kept in `scores["relevance"]` and the method's sort key in
    `scores["balance"]`.

    Args:
        method: A method of the table above.
        strength: λ, 0 to 1.
        places: Number of places that `fair` and `quota` order; the same for all pages, so that pages are consistent.
    """

    method: Balance
    strength: float
    places: int
    name: str = "balance"
    needs_vectors: bool = False
    needs_fields: tuple[str, ...] = ()

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        """Order the candidates so that their languages are balanced.

        Args:
            candidates: Candidates by relevance, best first.
            question: The search; its baseline gives the shares, and its text seeds `turns`.
        """
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
    """Return the baseline share of each language; empty if nothing was counted.

    Args:
        baseline: Number of searched passages by language.

    Returns:
        Language -> share between 0 and 1.
    """
    total = sum(baseline.values())
    return {language: count / total for language, count in baseline.items()} if total else {}


def candidates_per_language(baseline: Mapping[str, int], *, depth: int) -> dict[str, int]:
    """Choose how many candidates of each language to rank: its share of the depth, but at least a few.

    Args:
        baseline: Number of searched passages by language.
        depth: Number of candidates to rank in all.
    """
    return {
        language: min(baseline[language], max(BEST, ceil(share * depth)))
        for language, share in shares(baseline).items()
    }
