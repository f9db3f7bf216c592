from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

import pytest

from searchapp import InputError, Move, Ranking
from searchapp.cli.ranking import read_ranking
from searchapp.datatypes import LanguageReport
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.stages import Question, run_stages
from searchapp.search.language_report import language_report

CANDIDATES = [
    Candidate(id=name, score=score, language=language)
    for name, score, language in (("a", 1.0, "de"), ("b", 0.75, "de"), ("c", 0.5, "fr"), ("d", 0.0, "sw"))
]


@dataclass(frozen=True)
class Picked:
    """A stage that returns the candidates in an order of names."""

    order: str
    name: str = "picked"
    needs_vectors: bool = False

    def rank(self, candidates: Sequence[Candidate], question: Question) -> list[Candidate]:
        by_name = {candidate.id: candidate for candidate in candidates}
        return [by_name[name] for name in self.order]


def report(languages: Sequence[str]) -> LanguageReport:
    return language_report(languages, {"de": 2, "fr": 1, "sw": 1})


def question(limit: int) -> Question:
    return Question(text="x", spans=(), vector=None, limit=limit, baseline={"de": 2, "fr": 1, "sw": 1})


def test_a_step_tells_what_moved_and_what_it_cost() -> None:
    order, steps, timings = run_stages([Picked("cabd")], CANDIDATES, question(2), report=report)
    assert [candidate.id for candidate in order] == ["c", "a", "b", "d"]
    (step,) = steps
    assert step.moves == (
        Move(id="c", language="fr", before=None, after=1),
        Move(id="a", language="de", before=1, after=2),
        Move(id="b", language="de", before=2, after=None),
    )
    before, after = 1.0 + 0.75 / log2(3), 0.5 + 1.0 / log2(3)
    assert step.relevance_lost == pytest.approx(1 - after / before)
    assert (step.before["de"].count, step.before["fr"].count) == (2, 0)
    assert set(timings) == {"picked"}


def test_each_step_starts_from_the_one_before_and_the_same_order_costs_nothing() -> None:
    _, steps, _ = run_stages([Picked("dcba", "one"), Picked("dcba", "two")], CANDIDATES, question(3), report=report)
    assert steps[0].relevance_lost > 0.5
    assert (steps[1].relevance_lost, steps[1].moves) == (0.0, ()), "an earlier stage's scores would say otherwise"
    assert steps[1].before["sw"].count == 1


def test_equal_scores_and_no_candidates_lose_nothing() -> None:
    same = [Candidate(id=name, score=0.5) for name in "ab"]
    assert run_stages([Picked("ba")], same, question(1), report=report)[1][0].relevance_lost == 0.0
    assert run_stages([Picked("")], [], question(1), report=report)[1][0].moves == ()


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"fusion": "sum"}, "interleaved, convex, rrf, wrrf, dbsf"),
        ({"balance": 1.5}, "balance is 1.5, expected a number from 0 to 1"),
        ({"balance": True}, "balance is True"),
        ({"balance": float("nan")}, "balance is nan"),
        ({"per_language": 0}, "per_language is 0"),
        ({"depth": 2.0}, "depth is 2.0"),
        ({"rrf_k": 0}, "rrf_k is 0"),
        ({"feedback": -0.1}, "feedback is -0.1, expected a number from 0 to 10"),
        ({"lexical_weight": True}, "lexical_weight is True"),
        ({"collapse": "all"}, "none, document, translations"),
    ],
)
def test_rankings_that_cannot_be_are_refused(choices: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Ranking(**choices)  # type: ignore[arg-type]


def test_rankings_from_the_command_line() -> None:
    assert read_ranking(None) == Ranking()
    assert read_ranking(["lexical_weight=0.2", "feedback=0"]) == Ranking(lexical_weight=0.2, feedback=0.0)
    read = read_ranking(["balance=0.5", "per_language=3", "rerank=true", "debias=false", "fusion=rrf"])
    assert read == Ranking(balance=0.5, per_language=3, rerank=True, debias=False, fusion="rrf")
    for wrong, message in (
        ("balance", "expected KEY=VALUE"),
        ("bias=1", "unknown 'bias'; known are fusion"),
        ("balance=much", "expected a number"),
        ("depth=1.5", "expected a whole number"),
        ("rerank=yes", "expected true or false"),
        ("balance_by=luck", "expected one of fair"),
    ):
        with pytest.raises(InputError, match=message):
            read_ranking([wrong])
