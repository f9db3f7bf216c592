"""Test the debiased vectors and the files of versions on both engines."""

from __future__ import annotations

import uuid
from pathlib import Path

import numpy as np
import pytest
from support import ENGINES, open_catalog

from searchapp.datatypes import SparseVector
from searchapp.errors import ConfigurationError, StoreError
from searchapp.search.retriever import Retriever
from searchapp.stores.base import Catalog, Point, Store, StoreSpec
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.manifest import Manifest
from searchapp.stores.server_attachments import PIECE


def vectors(count: int, *, seed: int) -> np.ndarray:
    found = np.random.default_rng(seed).standard_normal((count, 8)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def filled(catalog: Catalog, version: str = "v1") -> Store:
    store = catalog.create("docs", version, StoreSpec(dimension=8, debiased=True))
    plain, debiased = vectors(40, seed=0), vectors(40, seed=1)
    store.upsert(
        [
            Point(
                id=str(uuid.uuid5(uuid.NAMESPACE_URL, str(row))),
                dense=plain[row],
                sparse=SparseVector((row % 5,), (1.0,)),
                payload={"language": "de" if row % 2 else "en", "row": row},
                debiased=debiased[row],
            )
            for row in range(40)
        ]
    )
    store.optimize()
    store.flush()
    return store


def manifest(version: str) -> Manifest:
    return Manifest(
        collection="docs",
        version=version,
        encoder="fake",
        fingerprint="f",
        dimension=8,
        points=40,
        languages={"de": 40},
    )


def test_each_search_sees_its_own_vectors(catalog: Catalog) -> None:
    query = vectors(1, seed=5)[0]
    with filled(catalog) as store:
        for using, seed in (("dense", 0), ("debiased", 1)):
            hits = store.query_dense(query, limit=40, using=using)
            expected = np.argsort(-(vectors(40, seed=seed) @ query))
            assert [hit.payload["row"] for hit in hits] == expected.tolist()
            assert hits[0].score == pytest.approx(float((vectors(40, seed=seed) @ query).max()), abs=1e-5)
        (one,) = store.retrieve([hits[0].id], with_vectors=True)
        assert one.dense is not None
        assert one.debiased is not None
        assert np.allclose(one.debiased, vectors(40, seed=1)[expected[0]], atol=1e-5)
        assert np.allclose(one.dense, vectors(40, seed=0)[expected[0]], atol=1e-5)


def test_both_engines_retrieve_debiased_candidates_alike(tmp_path: Path) -> None:
    answers = []
    for engine in ENGINES:
        catalog = open_catalog(engine, tmp_path / engine)
        with filled(catalog) as store:
            for sparse in (None, SparseVector((1, 2), (1.0, 0.5))):
                found = Retriever(
                    store,
                    dense=vectors(1, seed=5)[0],
                    terms=sparse,
                    using="debiased",
                    filters={"language": "de"},
                    with_vectors=True,
                ).candidates(10)
                answers.append(
                    [
                        (one.id, round(one.score, 4), [round(float(x), 4) for x in one.vector])
                        for one in found
                        if one.vector is not None
                    ]
                )
        catalog.close()
    assert answers[:2] == answers[2:]
    assert all(len(answer) == 10 for answer in answers)
    wanted = {tuple(np.round(row, 4).tolist()) for row in vectors(40, seed=1).astype(float)}
    assert all(tuple(vector) in wanted for _, _, vector in answers[0]), (
        "candidates carry the vectors that were searched"
    )


def test_a_version_keeps_its_files_and_takes_them_with_it(catalog: Catalog) -> None:
    data = np.random.default_rng(0).bytes(2 * PIECE + 17)
    for version, content in (("v1", data), ("v2", b"")):
        filled(catalog, version).close()
        catalog.attach("docs", version, "debias.npz", content)
        catalog.complete("docs", version, manifest(version))
    assert catalog.attachment("docs", "v1", "debias.npz") == data
    assert catalog.attachment("docs", "v2", "debias.npz") == b""
    catalog.activate("docs", "v2")
    catalog.delete_version("docs", "v1")
    with pytest.raises(StoreError, match=r"debias\.npz"):
        catalog.attachment("docs", "v1", "debias.npz")
    assert catalog.attachment("docs", "v2", "debias.npz") == b""
    with pytest.raises(StoreError, match="rebuild"):
        catalog.attachment("docs", "v2", "other.npz")


def test_a_file_name_cannot_leave_its_version(tmp_path: Path) -> None:
    catalog = EdgeCatalog(tmp_path)
    filled(catalog).close()
    with pytest.raises(ConfigurationError, match="file name"):
        catalog.attach("docs", "v1", "../escaped", b"x")
    catalog.complete("docs", "v1", manifest("v1"))
    with pytest.raises(StoreError, match="cannot be written again"):
        catalog.attach("docs", "v1", "debias.npz", b"x")
