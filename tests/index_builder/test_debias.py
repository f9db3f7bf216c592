from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from httpx import Headers
from qdrant_client import QdrantClient
from qdrant_client.http.exceptions import UnexpectedResponse
from support import build, everything

from index_builder.debias import Debiaser, DebiasReport, stored_vectors
from index_builder.lock import build_lock
from index_builder.parallel_text import read_parallel
from searchapp import SearchClient
from searchapp.datatypes import Document, FloatArray
from searchapp.debias.base import DebiasTransform
from searchapp.debias.loading import fit_transform
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import BuildError, BuildInProgressError, ConfigurationError, InputError, StoreError
from searchapp.options import Ranking
from searchapp.stores.base import DENSE, Catalog, Store, VectorName
from searchapp.stores.edge import EdgeStore
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.manifest import Manifest
from searchapp.stores.names import CollectionName
from searchapp.stores.server_catalog import ServerCatalog, connect
from searchapp.stores.server_manifests import MANIFESTS

ENDINGS = {"en": "and so it is", "de": "und so ist es", "es": "y así es"}


def texts(count: int = 40, *, first: int = 0) -> list[Document]:
    return [
        Document(id=f"{n}-{code}", text=f"topic{n} word{n * 7} {ending}", language=code)
        for n in range(first, first + count)
        for code, ending in ENDINGS.items()
    ]


def fit(method: str = "centering"):
    def made(store: Store, manifest: Manifest) -> tuple[DebiasTransform, Mapping[str, Any]]:
        vectors, languages = stored_vectors(store, points=manifest.points, sample=None, seed=0)
        return fit_transform(method, vectors, languages), {"source": "test", "vectors": len(vectors)}

    return made


def debias(home: Path, *, catalog: Catalog | None = None, method: str = "centering", keep: int = 2) -> DebiasReport:
    return Debiaser(catalog=catalog or EdgeCatalog(home), work=home / "builds").fit("docs", fit(method), keep=keep)


def debiased_vectors(catalog: Catalog) -> dict[str, np.ndarray]:
    store, _ = catalog.open("docs")
    with store:
        points, _ = store.scroll(limit=10_000, with_vectors=True)
    return {point.id: point.debiased for point in points if point.debiased is not None}


@pytest.mark.parametrize("engine", ["edge", "server"])
def test_a_fitted_version_holds_both_vectors_and_each_search_chooses(home: Path, engine: str) -> None:
    catalog = EdgeCatalog(home) if engine == "edge" else connect(":memory:")
    build(home, texts(), catalog=catalog)
    query = "topic3 word21 and so it is"
    with SearchClient("docs", catalog=catalog, encoder=HashingEncoder()) as client:
        plain = client.search(query, limit=120, mode="dense")
        assert client.search(query, ranking=Ranking(debias=True)).notes == (
            "the collection has no debias transform; fit one with: searchapp debias fit docs",
        )
        report = debias(home, catalog=catalog)
        assert report.passages == 120
        assert report.changed == 1.0
        assert 0 < report.moved < 1
        on, off = (client.search(query, limit=120, mode="dense", ranking=Ranking(debias=c)) for c in (True, False))
        assert on.version == off.version == report.version
        assert {hit.id: hit.score for hit in off.hits} == pytest.approx(
            {hit.id: hit.score for hit in plain.hits}, abs=1e-5
        )
        assert [hit.id for hit in client.search(query, limit=120, mode="dense").hits] == [hit.id for hit in on.hits]
        transform = fit()(*catalog.open("docs"))[0]
        vector = transform.transform_queries(HashingEncoder().encode_queries([query]), [on.languages[0]])[0]
        stored = debiased_vectors(catalog)
        assert on.hits[0].score == pytest.approx(max(float(vector @ other) for other in stored.values()), abs=1e-4)
        assert "debias" in on.timings
        assert "debias" not in off.timings
        assert client.search("topic3", mode="lexical", ranking=Ranking(debias=True)).notes[-1].startswith("a lexical")
    catalog.close()


def test_passages_like_another_are_compared_by_their_debiased_vectors(home: Path) -> None:
    build(home, texts())
    debias(home, method="counterparts")  # it leaves queries as they are
    stored = debiased_vectors(EdgeCatalog(home))
    with SearchClient("docs", home=home, encoder=HashingEncoder()) as client:
        asked = client.search("topic3", limit=1).hits[0]
        found = {hit.id: hit.score for hit in client.similar(asked.id, limit=200).hits}
        plain = client.similar(asked.id, limit=200, ranking=Ranking(debias=False))
    cosines = {id_: float(stored[asked.id] @ vector) for id_, vector in stored.items() if id_ != asked.id}
    assert found == pytest.approx(cosines, abs=1e-4)
    assert {hit.id: hit.score for hit in plain.hits} != pytest.approx(cosines, abs=1e-2)


def test_nothing_but_the_debiased_vectors_changes(home: Path) -> None:
    build(home, texts())
    before = everything(home)
    debias(home)
    assert everything(home) == before
    live = next(info for info in EdgeCatalog(home).versions("docs") if info.live)
    assert live.manifest.debias.name == "centering"
    assert live.manifest.debias.fitted_on == {"source": "test", "vectors": 120}
    assert live.manifest.languages == {"de": 40, "en": 40, "es": 40}
    assert not list((home / "builds" / "journals" / "docs").iterdir())


def test_a_rebuild_keeps_the_transform_and_can_drop_it(home: Path) -> None:
    build(home, texts())
    debias(home)
    catalog = EdgeCatalog(home)
    before = debiased_vectors(catalog)
    report = build(home, [*texts(), *texts(3, first=90)], digest="two")
    assert report.debias == "centering"
    assert report.reused == 120
    assert "--no-debias" in report.notes[0]
    after = debiased_vectors(catalog)
    assert len(after) == 129
    assert all(np.allclose(after[point], vector, atol=1e-6) for point, vector in before.items())
    with SearchClient("docs", home=home, encoder=HashingEncoder()) as client:
        assert "debias" in client.search("topic3").timings
    dropped = build(home, texts(), digest="three", debias=False)
    assert (dropped.debias, len(debiased_vectors(catalog))) == ("", 0)
    assert "was dropped" in dropped.notes[0]
    assert catalog.open("docs")[1].debias is None


def test_a_rebuild_with_another_encoder_drops_the_transform_and_says_so(home: Path) -> None:
    build(home, texts())
    debias(home)
    report = build(home, texts(), encoder=HashingEncoder(128))
    assert report.debias == ""
    assert "another encoder" in report.notes[0]


def test_off_and_on_change_what_searches_do_by_default(home: Path) -> None:
    build(home, texts())
    debiaser = Debiaser(catalog=EdgeCatalog(home), work=home / "builds")
    with pytest.raises(ConfigurationError, match="has no debias transform"):
        debiaser.set_default("docs", False)
    debias(home)
    kept = debiased_vectors(EdgeCatalog(home))
    with SearchClient("docs", home=home, encoder=HashingEncoder()) as client:
        assert "debias" in client.search("topic3").timings
        debiaser.set_default("docs", False)
        assert "debias" not in client.search("topic3").timings
        assert "debias" in client.search("topic3", ranking=Ranking(debias=True)).timings
        with pytest.raises(ConfigurationError, match="off already"):
            debiaser.set_default("docs", False)
        debiaser.set_default("docs", True)
        assert "debias" in client.search("topic3").timings
    assert all(np.array_equal(kept[point], vector) for point, vector in debiased_vectors(EdgeCatalog(home)).items())


def test_old_versions_go_but_for_those_kept(home: Path) -> None:
    build(home, texts())
    for method in ("centering", "lsar", "lir"):
        debias(home, method=method, keep=1)
    versions = [info.manifest.debias.name for info in EdgeCatalog(home).versions("docs")]
    assert versions == ["lsar", "lir"]


def test_what_a_killed_run_left_is_removed_by_the_next_one(home: Path) -> None:
    build(home, texts(400))
    first = EdgeCatalog(home).live_version("docs")
    child = f"""
import sys
sys.path[:0] = [{str(Path(__file__).parents[1])!r}, {str(Path(__file__).parent)!r}]
from pathlib import Path
import index_builder.debias as module
from test_debias import debias
add = module.with_debiased
def slow(points, transform):
    print("writing", flush=True)
    import time; time.sleep(30)
module.with_debiased = slow
debias(Path({str(home)!r}))
"""
    process = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    folder = home / "collections" / "docs" / "versions"
    assert len(list(folder.iterdir())) == 2, "the killed run left half a version"
    assert EdgeCatalog(home).live_version("docs") == first
    report = debias(home)
    assert sorted(path.name for path in folder.iterdir()) == [first, report.version]
    assert len(debiased_vectors(EdgeCatalog(home))) == 1200


def test_an_index_build_removes_it_too(home: Path) -> None:
    build(home, texts())
    catalog = EdgeCatalog(home)
    notes = home / "builds" / "journals" / "docs" / "debias"
    notes.mkdir(parents=True)
    (notes / "VERSION").write_text("20200101T000000-dead")
    (home / "collections" / "docs" / "versions" / "20200101T000000-dead").mkdir()
    build(home, texts(), digest="two")
    assert not notes.exists()
    assert not (home / "collections" / "docs" / "versions" / "20200101T000000-dead").exists()
    assert len(catalog.versions("docs")) == 2


def test_a_failed_fit_changes_nothing_and_the_lock_is_respected(home: Path) -> None:
    build(home, texts())
    first = EdgeCatalog(home).live_version("docs")
    with pytest.raises(BuildError, match="from-parallel"):
        debias(home, method="shift")
    assert EdgeCatalog(home).live_version("docs") == first
    with build_lock(home / "builds", CollectionName("docs")), pytest.raises(BuildInProgressError):
        debias(home)


def test_a_damaged_transform_is_named_and_the_old_version_serves(home: Path) -> None:
    build(home, texts())
    with SearchClient("docs", home=home, encoder=HashingEncoder()) as client:
        first = client.search("topic3").version
        catalog = EdgeCatalog(home)
        report = debias(home)
        (home / "collections" / "docs" / "versions" / report.version / "debias.npz").write_bytes(b"rubbish")
        result = client.search("topic3")
    assert result.version == first
    assert "digest" in result.notes[-1]
    assert "cannot be read and was dropped" in build(home, texts(), digest="two", catalog=catalog).notes[0]


def test_a_sample_is_drawn_by_its_seed(home: Path) -> None:
    build(home, texts())
    store, manifest = EdgeCatalog(home).open("docs")
    with store:
        one, codes = stored_vectors(store, points=manifest.points, sample=30, seed=1)
        again, _ = stored_vectors(store, points=manifest.points, sample=30, seed=1)
        other, _ = stored_vectors(store, points=manifest.points, sample=30, seed=2)
    assert 10 < len(one) < 60
    assert len(codes) == len(one)
    assert np.array_equal(one, again)
    assert one.shape != other.shape or not np.array_equal(one, other)


def test_parallel_text_is_read_by_groups_of_the_wanted_languages(tmp_path: Path) -> None:
    path = tmp_path / "text.jsonl"
    rows = [
        {"group": group, "lang": lang, "text": f"{lang} {group}", "source": "a" if group % 2 else "b"}
        for group in range(10)
        for lang in ("en", "de", "zh-Hans")
    ] + [{"group": 99, "lang": "en", "text": "alone"}, {"group": 98, "lang": "en", "text": " "}]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    found = read_parallel(path, languages={"en", "zh"})
    assert len(found.texts) == 20
    assert set(found.languages) == {"en", "zh"}
    by_group: dict[int, set[str]] = {}
    for text, group in zip(found.texts, found.groups, strict=True):
        by_group.setdefault(group, set()).add(text.split()[-1])
    assert all(len(numbers) == 1 for numbers in by_group.values())
    assert len(read_parallel(path, languages={"en", "zh"}, sources=["a"]).texts) == 10
    assert len(read_parallel(path, languages={"en", "zh"}, sample=6).texts) == 6
    with pytest.raises(InputError, match="no group with texts in two of"):
        read_parallel(path, languages={"en", "fr"})
    path.write_text('{"group": 1, "lang": "en"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"text\.jsonl:1"):
        read_parallel(path, languages={"en", "de"})


def test_parallel_text_from_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "text.parquet"
    pq.write_table(pa.table({"group": [1, 1, 2, 2], "lang": ["en", "de"] * 2, "text": ["a", "b", "c", "d"]}), path)
    assert sorted(read_parallel(path, languages={"en", "de"}).texts) == ["a", "b", "c", "d"]
    with pytest.raises(InputError, match="no column source"):
        read_parallel(path, languages={"en", "de"}, sources=["x"])


def test_debiasing_costs_no_second_search(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(home, texts())
    debias(home)
    asked: list[str] = []
    query = EdgeStore.query_dense

    def counted(store: EdgeStore, vector: FloatArray, *, using: VectorName = DENSE, **arguments: Any):
        asked.append(using)
        return query(store, vector, using=using, **arguments)

    monkeypatch.setattr(EdgeStore, "query_dense", counted)
    with SearchClient("docs", home=home, encoder=HashingEncoder()) as client:
        client.search("topic3 word21", ranking=Ranking(feedback=0))
        client.search("topic3 word21", ranking=Ranking(debias=False, feedback=0))
    assert asked == ["debiased", "dense"]


class _FailsOnce(QdrantClient):
    """A server that returns 500 for one scroll through its manifests."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.fail_at: int | None = None
        self.scrolls = 0

    def scroll(self, collection_name: str, *args: Any, **kwargs: Any) -> Any:
        if collection_name == MANIFESTS:
            self.scrolls += 1
            if self.scrolls == self.fail_at:
                raise UnexpectedResponse(500, "", json.dumps({"status": {"error": "broken"}}).encode(), Headers())
        return super().scroll(collection_name, *args, **kwargs)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_server_error_never_loses_the_transform(home: Path, number: int) -> None:
    client = _FailsOnce()
    catalog = ServerCatalog(client)
    build(home, texts(), catalog=catalog)
    debias(home, catalog=catalog)
    client.scrolls, client.fail_at = 0, number
    with suppress(StoreError):  # a build may stop; what is live must be whole
        build(home, texts(41), catalog=catalog)
    client.fail_at = None
    assert len(debiased_vectors(catalog)) in (120, 123)
    assert catalog.open("docs")[1].debias
