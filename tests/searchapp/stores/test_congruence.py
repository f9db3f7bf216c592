"""Test that the same calls give the same results on both engines."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from support import ENGINES, open_catalog

from searchapp.datatypes import Fusion, SparseVector
from searchapp.errors import CollectionNotFoundError, ConfigurationError, InputError, StoreError
from searchapp.options import Ranking
from searchapp.search.hybrid import FusionSettings
from searchapp.search.retriever import Retriever
from searchapp.stores import edge, server
from searchapp.stores.base import Catalog, Point, ScoredPoint, Store, StoreSpec
from searchapp.stores.manifest import Manifest

LANGUAGES = ("de", "en", "fr")


def points(count: int = 30, *, seed: int = 0) -> list[Point]:
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        Point(
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, str(row))),
            dense=vectors[row],
            sparse=SparseVector((row % 5, 10 + row % 3), (1.0, 0.5 + row / 100)) if row % 7 else SparseVector(),
            payload={
                "language": LANGUAGES[row % 3],
                "text": f"text {row}",
                "metadata": {"year": 1990 + row, "topic": f"t{row % 4}"},
            },
        )
        for row in range(count)
    ]


def manifest(version: str, *, count: int = 30) -> Manifest:
    return Manifest(
        collection="docs",
        version=version,
        encoder="fake",
        fingerprint="f",
        dimension=8,
        points=count,
        languages={"de": count},
    )


def filled(catalog: Catalog, version: str = "v1", *, seed: int = 0) -> Store:
    store = catalog.create("docs", version, StoreSpec(dimension=8, payload_indexes={"metadata.topic": "keyword"}))
    store.upsert(points(seed=seed))
    store.optimize()
    store.flush()
    return store


def test_both_engines_give_the_same_answers(tmp_path: Path) -> None:
    answers = []
    for engine in ENGINES:
        catalog = open_catalog(engine, tmp_path / engine)
        with filled(catalog) as store:
            query = points(1, seed=9)[0].dense
            terms = SparseVector((1, 2, 11), (1.0, 1.0, 1.0))
            filters = {"language": ["de", "en"], "metadata.year": {"gte": 1995, "lt": 2010}}
            answers.append(
                {
                    "dense": [(p.id, round(p.score, 4)) for p in store.query_dense(query, limit=7)],
                    "filtered": [p.id for p in store.query_dense(query, limit=50, filters=filters)],
                    "sparse": [(p.id, round(p.score, 4)) for p in store.query_sparse(terms, limit=50)],
                    "sparse filtered": [p.id for p in store.query_sparse(terms, limit=50, filters=filters)],
                    "facet": store.facet("language"),
                    "facet filtered": store.facet("language", filters={"metadata.topic": "t1"}),
                    "count": [
                        store.count(),
                        store.count(filters=filters),
                        store.count(filters={"metadata.year": 1993}),
                    ],
                }
            )
        catalog.close()
    edge, server = answers
    for name in edge:
        assert edge[name] == server[name], name
    assert edge["count"] == [30, 10, 1]
    assert edge["facet"] == {"de": 10, "en": 10, "fr": 10}


def fused(store: Store, fusion: str, *, limit: int = 12) -> list[tuple[str, float, dict[str, float]]]:
    candidates = Retriever(
        store,
        dense=points(1, seed=9)[0].dense,
        terms=SparseVector((1, 2, 11), (1.0, 0.3, 1.0)),
        filters={"language": ["de", "en"]},
        fusion=FusionSettings.of(Ranking(fusion=fusion, depth=15)),  # type: ignore[arg-type]
    ).candidates(limit)
    assert all(candidate.language in ("de", "en") for candidate in candidates)
    return [
        (found.id, round(found.score, 5), {leg: round(score, 4) for leg, score in sorted(found.scores.items())})
        for found in candidates
    ]


@pytest.mark.parametrize("fusion", get_args(Fusion))
def test_both_engines_fuse_alike(tmp_path: Path, fusion: str) -> None:
    answers = []
    for engine in ENGINES:
        catalog = open_catalog(engine, tmp_path / engine)
        with filled(catalog) as store:
            answers.append(fused(store, fusion))
        catalog.close()
    assert answers[0] == answers[1]
    assert len(answers[0]) == 12
    assert any({"dense", "lexical"} <= set(scores) for _, _, scores in answers[0])
    assert [(-score, found) for found, score, _ in answers[0]] == sorted(
        (-score, found) for found, score, _ in answers[0]
    )


@pytest.mark.parametrize("limit", [1, 4, 9])
def test_equal_scores_are_ordered_by_id_even_where_the_limit_cuts(catalog: Catalog, limit: int) -> None:
    same = np.eye(8, dtype=np.float32)[0]
    ids = [str(uuid.uuid5(uuid.NAMESPACE_DNS, str(number))) for number in range(40)]
    terms = SparseVector((7,), (1.0,))
    with catalog.create("docs", "v1", StoreSpec(dimension=8)) as store:
        store.upsert([Point(one, same, terms, {"language": "de"}) for one in ids])
        store.upsert([Point(str(uuid.uuid4()), -same, SparseVector((8,), (1.0,)), {"language": "de"})])
        assert [found.id for found in store.query_dense(same, limit=limit)] == sorted(ids)[:limit]
        assert [found.id for found in store.query_sparse(terms, limit=limit)] == sorted(ids)[:limit]


def test_payloads_and_vectors_come_only_when_asked_for(catalog: Catalog) -> None:
    with filled(catalog) as store:
        query, terms = points(1, seed=9)[0].dense, SparseVector((1, 2), (1.0, 1.0))
        for found in (
            store.query_dense(query, limit=3, with_payload=False),
            store.query_sparse(terms, limit=3, with_payload=False),
        ):
            assert [(len(point.payload), point.dense, point.sparse) for point in found] == [(0, None, None)] * 3
        both = store.query_dense(query, limit=3, with_vectors=True)
        assert all(point.payload["text"] and point.dense is not None for point in both)


def test_changes_show_in_facets_at_once(catalog: Catalog) -> None:
    with filled(catalog) as store:
        store.delete([points()[0].id])
        moved = points()[1]
        store.upsert([Point(moved.id, moved.dense, moved.sparse, {**moved.payload, "language": "th"})])
        assert store.facet("language") == {"fr": 10, "de": 9, "en": 9, "th": 1}
        assert store.facet("language", filters={"language": ["de", "th"]}) == {"de": 9, "th": 1}
        assert list(store.facet("language", limit=1)) == ["fr"]


def test_dense_search_is_exact(catalog: Catalog) -> None:
    with filled(catalog) as store:
        query = points(1, seed=5)[0].dense
        expected = sorted(points(), key=lambda point: -float(point.dense @ query))[:5]
        found = store.query_dense(query, limit=5)
        assert [point.id for point in found] == [point.id for point in expected]
        assert found[0].score == pytest.approx(float(expected[0].dense @ query), abs=1e-5)
        assert found[0].payload["text"] == expected[0].payload["text"]


def test_upsert_replaces_and_delete_removes(catalog: Catalog) -> None:
    with filled(catalog) as store:
        store.upsert(points())
        assert store.count() == 30
        ids = [point.id for point in points()[:3]]
        store.delete([*ids, str(uuid.uuid4())])
        assert store.count() == 27
        assert [found.id for found in store.retrieve([*ids, points()[5].id])] == [points()[5].id]


def test_retrieve_keeps_the_order_and_gives_vectors_back(catalog: Catalog) -> None:
    with filled(catalog) as store:
        wanted = [points()[9], points()[2]]
        found = store.retrieve([point.id for point in wanted], with_vectors=True)
        for one, other in zip(found, wanted, strict=True):
            assert one.id == other.id
            assert one.dense is not None
            assert one.sparse is not None
            np.testing.assert_allclose(one.dense, other.dense, atol=1e-6)
            given = dict(zip(other.sparse.indices, other.sparse.values, strict=True))
            assert dict(zip(one.sparse.indices, one.sparse.values, strict=True)) == pytest.approx(given)


def test_scroll_pages_through_everything_once(catalog: Catalog) -> None:
    with filled(catalog) as store:
        seen: list[str] = []
        offset = None
        while True:
            page, offset = store.scroll(limit=7, offset=offset)
            assert len(page) <= 7
            seen += [point.id for point in page]
            if offset is None:
                break
        assert sorted(seen) == sorted(point.id for point in points())
        only, _ = store.scroll(limit=50, filters={"language": "fr"})
        assert len(only) == 10


def test_a_query_without_terms_finds_nothing(catalog: Catalog) -> None:
    with filled(catalog) as store:
        assert store.query_sparse(SparseVector(), limit=5) == []
        assert store.query_sparse(SparseVector((999,), (1.0,)), limit=5) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"year": {"near": 3}},
        {"year": {"gte": "x"}},
        {"year": float("nan")},
        {"year": [None]},
        {"year": []},
        {"year": {}},
    ],
)
def test_unknown_filters_are_refused(catalog: Catalog, wrong: dict[str, object]) -> None:
    with filled(catalog) as store, pytest.raises(InputError, match="filter on 'year'"):
        store.query_dense(points(1)[0].dense, limit=1, filters=wrong)


def test_values_match_by_type_and_floats_match_integers_too(catalog: Catalog) -> None:
    kinds: list[object] = ["3", 3, 3.0, 3.5, True, "true", "3.5"]
    vector = np.eye(8, dtype=np.float32)[0]
    with catalog.create("docs", "v1", StoreSpec(dimension=8)) as store:
        store.upsert(
            [
                Point(str(uuid.UUID(int=row)), vector, SparseVector(), {"metadata": {"kind": kind}})
                for row, kind in enumerate(kinds)
            ]
        )
        for wanted, expected in (
            ("3", {0}), (3, {1}), (3.0, {1, 2}), (3.5, {3}), (True, {4}), ("true", {5}), (["3.5", 3.5], {3, 6}),
        ):  # fmt: skip
            found, _ = store.scroll(limit=10, filters={"metadata.kind": wanted})
            assert {uuid.UUID(point.id).int for point in found} == expected, wanted


def test_versions_live_through_create_activate_rollback_and_delete(catalog: Catalog) -> None:
    for version, seed in (("v1", 0), ("v2", 1)):
        filled(catalog, version, seed=seed).close()
        if version == "v1":
            with pytest.raises(CollectionNotFoundError):
                catalog.versions("docs")
        catalog.complete("docs", version, manifest(version))
        catalog.activate("docs", version)
    assert catalog.collections() == ["docs"]
    assert [(info.version, info.live) for info in catalog.versions("docs")] == [("v1", False), ("v2", True)]
    store, found = catalog.open("docs")
    with store:
        assert found.version == "v2"
        assert store.count() == 30
    catalog.activate("docs", "v1")
    assert catalog.live_version("docs") == "v1"
    with pytest.raises(StoreError, match="is live"):
        catalog.delete_version("docs", "v1")
    catalog.delete_version("docs", "v2")
    assert [info.version for info in catalog.versions("docs")] == ["v1"]
    with pytest.raises(CollectionNotFoundError):
        catalog.activate("docs", "v2")
    assert catalog.live_version("docs") == "v1"
    catalog.delete_collection("docs")
    assert catalog.collections() == []
    with pytest.raises(CollectionNotFoundError, match="index build"):
        catalog.open("docs")


def test_an_incomplete_version_is_neither_listed_nor_opened(catalog: Catalog) -> None:
    filled(catalog, "v1").close()
    catalog.complete("docs", "v1", manifest("v1"))
    catalog.activate("docs", "v1")
    filled(catalog, "v2").close()
    assert [info.version for info in catalog.versions("docs")] == ["v1"]
    for attempt in (catalog.open, catalog.activate):
        with pytest.raises(CollectionNotFoundError, match="no complete version 'v2'"):
            attempt("docs", "v2")
    catalog.delete_version("docs", "v2")
    assert catalog.open("docs")[1].version == "v1"


def test_an_unknown_kind_of_payload_index_is_refused(catalog: Catalog) -> None:
    with pytest.raises(StoreError, match="unknown kind 'date'"):
        catalog.create("docs", "v1", StoreSpec(dimension=8, payload_indexes={"day": "date"}))


def test_an_incomplete_version_is_replaced_and_a_complete_one_is_not(catalog: Catalog) -> None:
    filled(catalog).close()
    with filled(catalog) as again:
        assert again.count() == 30
    catalog.complete("docs", "v1", manifest("v1"))
    with pytest.raises(StoreError, match="complete"):
        catalog.create("docs", "v1", StoreSpec(dimension=8))


@pytest.mark.parametrize("name", ["../up", "a/b", "", "a__b", ".hidden", "x" * 200, "ü"])
def test_names_that_could_escape_are_refused(catalog: Catalog, name: str) -> None:
    with pytest.raises(ConfigurationError, match="name"):
        catalog.create(name, "v1", StoreSpec(dimension=8))


def test_languages_are_remembered_until_points_are_written(catalog: Catalog) -> None:
    with filled(catalog) as store:
        moved, gone, absent = points()[1], points()[0], str(uuid.uuid4())
        ids = [moved.id, gone.id, absent]
        assert store.languages(ids) == {
            moved.id: moved.payload["language"],
            gone.id: gone.payload["language"],
            absent: "und",
        }
        assert list(store.languages(ids)) == ids
        store.upsert([Point(moved.id, moved.dense, moved.sparse, {**moved.payload, "language": "th"})])
        store.delete([gone.id])
        assert store.languages(ids) == {moved.id: "th", gone.id: "und", absent: "und"}


@pytest.mark.parametrize("engine", ENGINES)
def test_equal_scores_beyond_the_limit_are_looked_through_without_their_payloads(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name = {"edge": (edge, "from_hit"), "server": (server, "from_server")}[engine]
    converted, whole = getattr(module, name), []

    def seen(point: Any, **settings: bool) -> ScoredPoint:
        found: ScoredPoint = converted(point, **settings)
        whole.append(bool(point.payload or point.vector))
        return found

    monkeypatch.setattr(module, name, seen)
    same = [replace(point, dense=points(1)[0].dense, sparse=SparseVector((3,), (1.0,))) for point in points(400)]
    with open_catalog(engine, tmp_path).create("docs", "v1", StoreSpec(dimension=8)) as store:
        store.upsert(same)
        store.release()
        for hits in (
            store.query_dense(same[0].dense, limit=5, with_vectors=True),
            store.query_sparse(same[0].sparse, limit=5, with_vectors=True),
        ):
            assert [hit.id for hit in hits] == sorted(point.id for point in same)[:5]
            assert all(hit.payload["text"] and hit.dense is not None and hit.score > 0 for hit in hits)
    assert sum(whole) <= 2 * (6 + 5), "the payloads of hundreds of equal scores would fill the memory"
    assert len(whole) > 800
