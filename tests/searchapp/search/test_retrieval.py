"""Test retrieval against a real shard: weights and feedback have their documented effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from searchapp.datatypes import SparseVector
from searchapp.encoders.calibration import Calibration
from searchapp.options import Ranking
from searchapp.ranking.candidates import UNREAD, Candidate
from searchapp.search.hybrid import FusionSettings
from searchapp.search.retriever import Retriever
from searchapp.stores.base import Point, ScoredPoint, Store, StoreSpec
from searchapp.stores.edge import EdgeStore

# The query is at 0. The answer has its words but a poor cosine; its translation lies next to the answer.
ANGLES = {"answer": 50.0, "translation": 51.0, "near-fr": 40.0, "near-de": 30.0}
IDS = {name: f"00000000-0000-0000-0000-00000000000{place}" for place, name in enumerate(ANGLES)}
QUERY = np.array([1.0, 0.0], dtype=np.float32)
TERMS = SparseVector((7,), (1.0,))


def at(degrees: float) -> np.ndarray:
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], dtype=np.float32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with EdgeStore.create(tmp_path / "shard", StoreSpec(dimension=2)) as found:
        found.upsert(
            [
                Point(
                    IDS[name],
                    at(angle),
                    TERMS if name == "answer" else SparseVector(),
                    {"language": "fr" if name in ("translation", "near-fr") else "de"},
                )
                for name, angle in ANGLES.items()
            ]
        )
        yield found


def retrieve(
    store: Store,
    *,
    terms: SparseVector | None = TERMS,
    limit: int = 4,
    languages: int = 1,
    with_payload: bool = True,
    with_vectors: bool = False,
    **choices: object,
) -> list[Candidate]:
    fusion = FusionSettings.of(Ranking(**choices), query_languages=languages)  # type: ignore[arg-type]
    return Retriever(
        store, dense=QUERY, terms=terms, fusion=fusion, with_payload=with_payload, with_vectors=with_vectors
    ).candidates(limit)


def order(store: Store, *, sparse: SparseVector | None = TERMS, **choices: object) -> list[str]:
    names = {found: name for name, found in IDS.items()}
    return [names[found.id] for found in retrieve(store, terms=sparse, **choices)]


def test_feedback_lets_words_of_one_language_find_the_passage_in_another(store: Store) -> None:
    without = order(store, feedback=0.0)
    assert without.index("translation") > without.index("near-fr")
    found = order(store, feedback=10.0)
    assert found[0] == "answer"
    assert found.index("translation") < found.index("near-fr")


def test_feedback_is_on_for_the_default_fusion_only_and_needs_both_legs(store: Store) -> None:
    assert FusionSettings.of(Ranking()).feedback > 0
    assert FusionSettings.of(Ranking(fusion="rrf")).feedback == 0
    assert FusionSettings.of(Ranking(fusion="rrf", feedback=0.5)).feedback == 0.5
    by_cosine = ["near-de", "near-fr", "answer", "translation"]
    assert order(store, sparse=None, feedback=10.0) == by_cosine
    assert order(store, sparse=SparseVector((8,), (1.0,)), feedback=10.0) == by_cosine, "no words, no feedback"


@pytest.mark.parametrize("fusion", ["interleaved", "convex", "rrf", "wrrf", "dbsf"])
def test_the_lexical_weight_counts_in_every_fusion(store: Store, fusion: str) -> None:
    assert order(store, fusion=fusion, feedback=0.0, lexical_weight=0.0)[0] == "near-de"
    assert order(store, fusion=fusion, feedback=0.0, lexical_weight=9.0)[0] == "answer"


def test_a_small_rrf_constant_makes_the_first_ranks_count(store: Store) -> None:
    # answer: 0.4 / (k + 1) + 1 / (k + 3); near-de: 1 / (k + 1)
    assert order(store, fusion="rrf", lexical_weight=0.4, rrf_k=1)[0] == "near-de"
    assert order(store, fusion="rrf", lexical_weight=0.4, rrf_k=60)[0] == "answer"


def test_candidates_carry_their_parts_and_vectors_when_asked(store: Store) -> None:
    found = retrieve(store, limit=2, with_vectors=True)
    assert len(found) == 2
    assert all(candidate.vector is not None for candidate in found)
    assert set(found[0].scores) == {"dense", "cosine", "lexical", "fused"}


@pytest.mark.parametrize("sparse", [TERMS, None])
def test_bare_candidates_know_their_language_alone(store: Store, sparse: SparseVector | None) -> None:
    found = retrieve(store, terms=sparse, with_payload=False)
    whole = retrieve(store, terms=sparse)
    assert [(c.id, c.score, c.language) for c in found] == [(c.id, c.score, c.language) for c in whole]
    assert all(candidate.payload is UNREAD for candidate in found)


def test_a_mixed_query_trusts_its_words_less(store: Store) -> None:
    def first(languages: int, **choices: object) -> str:
        found = retrieve(store, limit=1, languages=languages, feedback=0.0, **choices)
        return next(name for name, id_ in IDS.items() if id_ == found[0].id)

    # convex: cos 50° + w against cos 30° = .866 - .643 = .223
    assert first(1, fusion="convex", lexical_weight=0.3) == "answer"
    assert first(2, fusion="convex", lexical_weight=0.3) == "answer", "a weight that is given stays"
    assert first(1) == "answer"
    assert first(3) == "near-de"


class Forgetful:
    """A store that loses a point between search and retrieval."""

    def __init__(self, store: Store, lost: str) -> None:
        self._store, self._lost = store, lost

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def retrieve(self, ids: Sequence[str], **choices: bool) -> list[ScoredPoint]:
        return [point for point in self._store.retrieve(ids, **choices) if point.id != self._lost]


def test_a_point_that_is_gone_when_it_is_read_is_left_out(store: Store) -> None:
    forgetful: Any = Forgetful(store, IDS["near-fr"])
    found = retrieve(forgetful)
    assert {candidate.id for candidate in found} == set(IDS.values()) - {IDS["near-fr"]}


def test_no_feedback_comes_from_a_weak_passage(store: Store) -> None:
    fusion = FusionSettings.of(Ranking(), calibration=Calibration(feedback=10.0, feedback_above=0.65))
    weak = Retriever(store, dense=QUERY, terms=TERMS, fusion=fusion).candidates(4)
    assert "cosine" not in weak[0].scores  # cos 50° is .643
    strong = Retriever(store, dense=QUERY, terms=TERMS, fusion=replace(fusion, feedback_above=0.64)).candidates(4)
    assert strong[0].scores["cosine"] == pytest.approx(np.cos(np.radians(50)), abs=1e-6)
    assert strong[0].scores["dense"] > strong[0].scores["cosine"]


def test_a_relative_weight_follows_the_spread_of_the_cosines(store: Store) -> None:
    spread = np.cos(np.radians(30)) - np.cos(np.radians(51))
    near, far = (
        FusionSettings.of(Ranking(), calibration=Calibration(lexical_weight=weight, relative=relative, feedback=0.0))
        for weight, relative in ((0.5, True), (0.5 * spread, False))
    )
    scores = [
        [found.score for found in Retriever(store, dense=QUERY, terms=TERMS, fusion=fusion).candidates(4)]
        for fusion in (near, far)
    ]
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-6)
