from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.ranking.candidates import Candidate
from searchapp.ranking.collapse import DocumentCollapse, TranslationCollapse, translations
from searchapp.ranking.diversity import DiversityStage, marginal_relevance
from searchapp.ranking.per_language import PerLanguageStage
from searchapp.ranking.stages import Question
from searchapp.search.reach import go_on, join_languages
from searchapp.stores.base import ScoredPoint
from searchapp.stores.payload import Payload

QUESTION = Question(text="x", spans=(), vector=None, limit=10, baseline={"de": 1, "fr": 1})


def candidate(name: str, language: str = "de", *, score: float = 0.5, vector=None, **payload) -> Candidate:
    return Candidate(
        id=name,
        score=score,
        language=language,
        payload=Payload(language=language, **payload),
        scores={"dense": score},
        vector=None if vector is None else np.asarray(vector, dtype=np.float32),
    )


def test_marginal_relevance_by_hand() -> None:
    vectors = np.array([[1, 0], [1, 0], [0.6, 0.8], [0, 1]], dtype=np.float32)
    scores = np.array([1.0, 0.9, 0.5, 0.0])
    # first .5; then .45 - .5, .25 - .3, 0 - 0: the last is unlike; then .25 - .4 against .45 - .5
    order, values = marginal_relevance(scores, vectors, diversity=0.5)
    assert order == [0, 3, 1, 2]
    assert values == pytest.approx([0.5, 0.0, -0.05, -0.15], abs=1e-6)
    assert marginal_relevance(scores, vectors, diversity=0)[0] == [0, 1, 2, 3]
    assert marginal_relevance(np.ones(3), vectors[:3], diversity=0)[0] == [0, 1, 2]


@settings(deadline=None)
@given(count=st.integers(0, 12), places=st.integers(1, 12), diversity=st.floats(0, 1), seed=st.integers(0, 99))
def test_diversity_permutes_its_places_and_starts_with_the_best(count, places, diversity, seed) -> None:
    random = np.random.default_rng(seed)
    before = [candidate(str(n), score=1 - n / 20, vector=random.standard_normal(4)) for n in range(count)]
    after = DiversityStage(diversity, places=places).rank(before, QUESTION)
    assert sorted(found.id for found in after[:places]) == sorted(found.id for found in before[:places])
    assert after[places:] == before[places:]
    assert [found.score for found in after] == [found.score for found in before]
    if before:
        assert after[0].id == before[0].id
    if diversity == 0:
        assert after == before


@given(languages=st.text("abc", max_size=20), most=st.integers(1, 5))
def test_a_cap_leaves_the_first_of_each_language(languages: str, most: int) -> None:
    before = [candidate(str(place), language) for place, language in enumerate(languages)]
    after = PerLanguageStage(most).rank(before, QUESTION)
    assert [found for found in before if found in after] == after, "in their order, none added"
    assert Counter(c.language for c in after) == {k: min(n, most) for k, n in Counter(languages).items()}
    for language in set(languages):
        assert [c for c in after if c.language == language] == [c for c in before if c.language == language][:most]


def test_documents_show_their_best_passage_and_what_it_stands_for() -> None:
    before = [
        candidate("a1", document_id="a"),
        candidate("b1", document_id="b"),
        candidate("a2", document_id="a"),
        candidate("a3", "fr", document_id="a"),
        candidate("x", document_id=""),
        candidate("y", document_id=""),
    ]
    after = DocumentCollapse().rank(before, QUESTION)
    assert [(found.id, dict(found.also_in)) for found in after] == [
        ("a1", {"de": ("a2",), "fr": ("a3",)}),
        ("b1", {}),
        ("x", {}),
        ("y", {}),
    ]
    again = DocumentCollapse().extend(after, [candidate("a4", "fr", document_id="a"), candidate("c1", document_id="c")])
    assert [found.id for found in again] == ["a1", "b1", "x", "y", "c1"], "those ranked stay where they are"
    assert again[0].also_in == {"de": ("a2",), "fr": ("a3", "a4")}


def test_translations_by_a_field_share_value_and_place() -> None:
    before = [
        candidate("de0", "de", index=0, metadata={"topic": "tea"}),
        candidate("fr1", "fr", index=1, metadata={"topic": "tea"}),
        candidate("de0b", "de", index=0, metadata={"topic": "tea"}),
        candidate("fr0", "fr", index=0, metadata={"topic": "tea"}),
        candidate("other", "fr", index=0, metadata={"topic": "ice"}),
        candidate("none", "fr", index=0, metadata={}),
    ]
    stage = TranslationCollapse(by="topic")
    assert not stage.needs_vectors
    after = stage.rank(before, QUESTION)
    assert [found.id for found in after] == ["de0", "fr1", "de0b", "other", "none"], "one language is no translation"
    assert after[0].also_in == {"fr": ("fr0",)}


def test_translations_by_likeness_are_mutual_alike_and_in_different_languages() -> None:
    def at(degrees: float) -> list[float]:
        return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]

    vectors = [np.array(at(d), dtype=np.float32) for d in (0, 10, 14, 0, 90, 170)]
    languages = ["de", "fr", "fr", "de", "fr", "sw"]
    found = translations(vectors, languages, alike=0.9)
    assert found[0, 1] and found[1, 0]
    assert not found[0, 2], "not its nearest"
    assert not found[0, 3], "the same language"
    assert not found[4].any(), "not alike enough"
    assert not translations([None, None], ["de", "fr"], alike=0).any()
    before = [candidate(str(n), lang, vector=vec) for n, (lang, vec) in enumerate(zip(languages, vectors, strict=True))]
    stage = TranslationCollapse(alike=0.9)
    assert stage.needs_vectors
    after = stage.rank(before, QUESTION)
    assert [found.id for found in after] == ["0", "2", "3", "4", "5"]
    assert after[0].also_in == {"fr": ("1",)}


def test_languages_join_below_the_pool() -> None:
    pool = [candidate("a", score=0.9), candidate("b", score=0.7)]
    points = {
        "de": [ScoredPoint("c", 0.6)],
        "fr": [ScoredPoint("a", 0.9), ScoredPoint("f", 0.4)],
        "sw": [ScoredPoint("s", 0.5)],
    }
    asked, fetched = [], []

    def search(language: str, count: int) -> list[ScoredPoint]:
        asked.append((language, count))
        return points[language]

    def read(ids: list[str]) -> list[Candidate]:
        fetched.append(ids)
        return [candidate(id_, {"f": "fr", "s": "sw"}[id_], score=0.0) for id_ in ids]

    joined = join_languages(pool, {"de": 2, "fr": 2, "sw": 1}, search=search, read=read, leg="dense")
    assert asked == [("fr", 2), ("sw", 1)], "of German there is enough"
    assert fetched == [["f", "s"]], "only what is new is read"
    assert [(found.id, found.language) for found in joined] == [("a", "de"), ("b", "de"), ("s", "sw"), ("f", "fr")]
    assert [found.score for found in joined] == pytest.approx([0.9, 0.7, 0.7, 0.6])
    assert join_languages(pool, {}, search=search, read=read, leg="dense") == pool


def test_below_the_pool_comes_what_the_stages_let_through() -> None:
    whole = [candidate(str(n), "de" if n % 3 else "fr", score=1 - n / 100, document_id=str(n // 2)) for n in range(40)]
    stages = [DocumentCollapse()]
    pool = whole[:4]
    ranked = stages[0].rank(pool, QUESTION)
    asked = []

    def fetch(count: int) -> list[Candidate]:
        asked.append(count)
        return whole[:count]

    short = go_on(ranked, pool, fetch=fetch, stages=stages, wanted=5, asked=4)
    assert [found.id for found in short] == ["0", "2", "4", "6", "8", "10", "12", "14"]
    long = go_on(ranked, pool, fetch=fetch, stages=stages, wanted=30, asked=4)
    assert [found.id for found in long] == [str(n) for n in range(0, 40, 2)], "to the end, and no further"
    assert long[: len(short)] == short
    assert asked == [16, 16, 64]
    scores = [found.score for found in long]
    assert scores == sorted(scores, reverse=True)
