from __future__ import annotations

from collections import Counter
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.ranking.balance import BalanceStage, candidates_per_language
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.fair import fair
from searchapp.ranking.quota import quota
from searchapp.ranking.rrf import rrf
from searchapp.ranking.stages import Question
from searchapp.ranking.zscore import zscore

METHODS = ("fair", "quota", "zscore", "rrf")
HALVES = {"de": 0.5, "fr": 0.5}
strengths = st.floats(0, 1)


def candidates(languages: str, scores: list[float] | None = None) -> list[Candidate]:
    """Create one candidate per letter, most relevant first; the letter is its language."""
    found = scores or [1 - place / len(languages) for place in range(len(languages))]
    return [
        Candidate(id=f"{place:03}", score=score, language=letter, scores={"dense": score})
        for place, (letter, score) in enumerate(zip(languages, found, strict=True))
    ]


def question(baseline: dict[str, int], limit: int = 10) -> Question:
    return Question(text="x", spans=(), vector=None, limit=limit, baseline=baseline)


def ranked(stage: BalanceStage, languages: str, baseline: dict[str, int]) -> str:
    return "".join(found.language for found in stage.rank(candidates(languages), question(baseline)))


@given(languages=st.text("abcd", max_size=30), strength=strengths, method=st.sampled_from(METHODS))
def test_every_method_permutes_keeps_the_languages_own_order_and_falls(languages: str, strength: float, method) -> None:
    before = candidates(languages)
    stage = BalanceStage(method, strength=strength, places=20)
    after = stage.rank(before, question({"a": 5, "b": 3, "c": 1, "d": 1}))
    assert sorted(found.id for found in after) == [found.id for found in before]
    for language in set(languages):
        own = [found.id for found in after if found.language == language]
        assert own == sorted(own), "a language's own order never changes"
    assert [found.score for found in after] == sorted((found.score for found in before), reverse=True)


@pytest.mark.parametrize("method", METHODS)
@given(languages=st.text("abcd", max_size=30))
def test_no_strength_is_relevance(method, languages: str) -> None:
    before = candidates(languages)
    assert BalanceStage(method, strength=0, places=20).rank(before, question({"a": 1, "b": 1})) == before
    everywhere = list(range(len(languages)))
    shares = {"a": 0.7, "b": 0.1, "c": 0.2}
    assert fair(languages, shares=shares, strength=0, places=30) == everywhere
    assert quota(languages, shares=shares, strength=0, places=30) == everywhere
    scores = [found.score for found in before]
    for values in (rrf(languages, strength=0), zscore(scores, list(languages), strength=0)):
        assert sorted(everywhere, key=lambda place: -values[place]) == everywhere


@settings(deadline=None)
@given(
    weights=st.lists(st.floats(0.01, 1), min_size=1, max_size=6),
    strength=strengths,
    places=st.integers(1, 30),
    random=st.randoms(use_true_random=False),
)
def test_fair_keeps_both_bounds_at_every_prefix(weights: list[float], strength: float, places: int, random) -> None:
    shares = {chr(97 + row): weight / sum(weights) for row, weight in enumerate(weights)}
    languages = [language for language in shares for _ in range(places)]
    random.shuffle(languages)
    counts: Counter[str] = Counter()
    for k, place in enumerate(fair(languages, shares=shares, strength=strength, places=places)[:places], start=1):
        counts[languages[place]] += 1
        for language, share in shares.items():
            assert counts[language] >= floor(strength * share * k + 1e-9)
            assert counts[language] <= k - floor(strength * (1 - share) * k + 1e-9)


@settings(deadline=None)
@given(languages=st.text("abcd", min_size=1, max_size=40), strength=strengths)
def test_fair_owes_a_language_no_more_than_it_has(languages: str, strength: float) -> None:
    shares = dict.fromkeys("abcde", 0.2)
    has = Counter(languages)
    counts: Counter[str] = Counter()
    order = fair(languages, shares=shares, strength=strength, places=len(languages))
    for k, place in enumerate(order, start=1):
        counts[languages[place]] += 1
        for language, share in shares.items():
            assert counts[language] >= min(has[language], floor(strength * share * k + 1e-9))


@settings(deadline=None)
@given(places=st.integers(1, 25), random=st.randoms(use_true_random=False))
def test_quotas_hold_at_full_strength(places: int, random) -> None:
    shares = {"a": 0.55, "b": 0.3, "c": 0.15}
    languages = [language for language in shares for _ in range(places)]
    random.shuffle(languages)
    counts: Counter[str] = Counter()
    for k, place in enumerate(quota(languages, shares=shares, strength=1, places=places)[:places], start=1):
        counts[languages[place]] += 1
        assert all(counts[language] <= ceil(share * k - 1e-9) for language, share in shares.items())


def test_fair_by_hand() -> None:
    languages = ["de"] * 6 + ["fr"] * 4
    # λ = 1: no prefix may have more than one hit beyond its half
    assert fair(languages, shares=HALVES, strength=1, places=8) == [0, 6, 1, 7, 2, 8, 3, 9, 4, 5]
    # λ = 0.5: the others are owed ⌊k / 4⌋: one by the 4th place, two by the 8th
    assert fair(languages, shares=HALVES, strength=0.5, places=8) == [0, 1, 2, 6, 3, 4, 5, 7, 8, 9]
    # three equal languages owe each other a place by the third, before relevance has its way again
    assert fair(["de"] * 5 + ["fr", "sw"], shares=dict.fromkeys(("de", "fr", "sw"), 1 / 3), strength=1, places=3)[
        :3
    ] == [
        0,
        5,
        6,
    ]


def test_quota_by_hand() -> None:
    languages = ["de"] * 4 + ["fr"] * 4
    assert quota(languages, shares=HALVES, strength=1, places=8) == [0, 4, 1, 5, 2, 6, 3, 7]
    # λ = 0.5: German's quota is ⌈k / 2 + k / 4⌉: 1, 2, 3, 3, 4 while relevance gives it everything
    assert quota(languages, shares=HALVES, strength=0.5, places=8)[:5] == [0, 1, 2, 4, 3]
    balanced = ["de", "fr"] * 4
    for strength in (0.3, 0.7, 1.0):
        assert quota(balanced, shares=HALVES, strength=strength, places=8) == list(range(8)), "nothing to correct"


def test_rrf_by_hand() -> None:
    languages = ["de", "de", "de", "sw"]
    assert rrf(languages, strength=1, k=0) == [1, 1 / 2, 1 / 3, 1]
    assert rrf(languages, strength=0.5, k=1) == pytest.approx(
        [0.5, 0.5 / 3 + 0.5 / 3, 0.5 / 4 + 0.5 / 4, 0.5 / 5 + 0.5 / 2]
    )
    stage = BalanceStage("rrf", strength=1, places=10)
    assert ranked(stage, "aaabbc", {"a": 1000, "b": 1, "c": 1}) == "abcaba", "whatever the shares: uniform"


def test_zscore_by_hand() -> None:
    scores, languages = [0.9, 0.8, 0.7, 0.6, 0.4, 0.4], ["de"] * 3 + ["sw"] * 3
    # de: mean .8, squares .02; sw: mean .4667, squares .02667; common variance .04667 / 4, prior of two
    common = (0.02 + 0.08 / 3) / 4
    variance = {"de": (0.02 + 2 * common) / 4, "sw": (0.08 / 3 + 2 * common) / 4}
    found = zscore(scores, languages, strength=1)
    assert found[0] == pytest.approx(0.1 / variance["de"] ** 0.5)
    assert found[3] == pytest.approx((0.6 - 1.4 / 3) / variance["sw"] ** 0.5)
    assert found[3] > found[0], "it stands out more among its own"
    halfway = zscore(scores, languages, strength=0.5)
    everyone = zscore(scores, languages, strength=0)
    assert halfway == pytest.approx([(one + other) / 2 for one, other in zip(found, everyone, strict=True)])
    assert zscore([0.5, 0.5], ["de", "sw"], strength=1) == [0, 0]
    assert zscore([], [], strength=1) == []


def test_zscore_measures_languages_by_equally_many() -> None:
    scores = [0.9, 0.8, 0.7, 0.1, 0.1, 0.1]
    alone = zscore(scores[:3], ["de"] * 3, strength=1, best=3)
    assert zscore(scores, ["de"] * 6, strength=1, best=3)[:3] == pytest.approx(alone), "a long tail raises nobody"


def test_parts_of_the_score_tell_relevance_and_what_was_sorted_by() -> None:
    fair_ = BalanceStage("fair", strength=1, places=4).rank(candidates("aab"), question({"a": 1, "b": 1}))
    assert [(found.id, found.score, found.scores["relevance"]) for found in fair_] == [
        ("000", 1.0, 1.0),
        ("002", pytest.approx(2 / 3), pytest.approx(1 / 3)),
        ("001", pytest.approx(1 / 3), pytest.approx(2 / 3)),
    ]
    fused = BalanceStage("rrf", strength=1, places=4).rank(candidates("aab"), question({"a": 1, "b": 1}))
    assert [found.scores["balance"] for found in fused] == [1 / 61, 1 / 61, 1 / 62]


def test_candidates_of_each_language() -> None:
    wanted = candidates_per_language({"en": 900, "de": 95, "sw": 5}, depth=100)
    assert wanted == {"en": 90, "de": 10, "sw": 5}
    assert candidates_per_language({}, depth=100) == {}
