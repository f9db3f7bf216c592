"""How a search ranks, beyond retrieval: one frozen value, every correction off by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from searchapp.datatypes import Fusion
from searchapp.errors import InputError

Balance: TypeAlias = Literal["fair", "zscore", "rrf", "quota", "turns"]
Collapse: TypeAlias = Literal["none", "document", "translations"]
Expansion: TypeAlias = Literal["off", "passage", "translate", "both"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "fusion": get_args(Fusion),
    "balance_by": get_args(Balance),
    "collapse": get_args(Collapse),
    "expansion": get_args(Expansion),
}
_SHARES = ("balance", "diversity")
_MOST = {"depth": 1_000, "per_language": 1_000, "rerank_depth": 1_000, "rrf_k": 10_000}
_WEIGHTS = {"lexical_weight": 10, "feedback": 10}

RRF_K = 60
"""The constant of Cormack, Clarke & Büttcher (2009), who found it near-optimal and flat around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """What happens to the candidates of a search; the default is fused relevance and nothing else.

    Attributes:
        fusion: How `hybrid` fuses its legs: `interleaved` (both legs order each language, cosines mostly decide how the
            languages interleave), `convex` (cosine plus a little lexical score), `rrf` (reciprocal ranks), `wrrf` (the
            same with the dense leg weighing more) or `dbsf`.
        lexical_weight: Worth of the lexical leg beside the dense one's 1; None is the fusion's own, that of
            `interleaved` the encoder's; `interleaved` and `convex` divide it by the number of languages in the query.
        rrf_k: The constant of `rrf` and `wrrf`.
        feedback: How much of the best fused passage's vector joins the query's before the dense leg searches again, so
            that words found in one language help to find the passage in the others; 0 is not at all, None is what suits the
            encoder for `interleaved` and 0 for the others. Hybrid only.
        spans: Let the dense leg search each language span of a mixed query too, beside the whole query.
        debias: Search the vectors that the collection's debias transform made; None does what the collection says.
        rerank: Let the client's cross-encoder score the first `rerank_depth` candidates anew.
        rerank_depth: Candidates that are scored anew.
        expansion: Let the client's language model write a `passage`, `translate` the query, or `both`.
        balance: λ of the language-balanced ranking: 0 is pure relevance, 1 is balanced.
        balance_by: Its method; see `searchapp.ranking.balance`.
        diversity: 0 is relevance alone, 1 is as unlike the hits above as can be (MMR).
        per_language: At most this many hits in each language.
        collapse: Show only the best passage of a `document`, or of passages that are `translations` of each other.
        depth: Candidates of each leg that are fused, and that the stages after it choose from.

    Raises:
        InputError: A value is unknown or out of range.
    """

    fusion: Fusion = "interleaved"
    lexical_weight: float | None = None
    rrf_k: int = RRF_K
    feedback: float | None = None
    spans: bool = False
    debias: bool | None = None
    rerank: bool = False
    rerank_depth: int = 50
    expansion: Expansion = "off"
    balance: float = 0.0
    balance_by: Balance = "fair"
    diversity: float = 0.0
    per_language: int | None = None
    collapse: Collapse = "none"
    depth: int = 100

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise InputError(f"{name} is {getattr(self, name)!r}, expected one of {', '.join(choices)}")
        for name in _SHARES:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
                raise InputError(f"{name} is {value!r}, expected a number from 0 to 1")
        for name, heaviest in _WEIGHTS.items():
            value = getattr(self, name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= heaviest:
                raise InputError(f"{name} is {value!r}, expected a number from 0 to {heaviest}")
        for name, most in _MOST.items():
            value = getattr(self, name)
            if value is None and name == "per_language":
                continue
            if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
                raise InputError(f"{name} is {value!r}, expected a whole number from 1 to {most:,}")


PLAIN = Ranking()
"""Fused relevance and nothing else."""
