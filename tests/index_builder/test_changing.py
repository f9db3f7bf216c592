from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from index_builder import BuildOptions, add_documents, build_index, remove_documents
from searchapp import SearchClient
from searchapp.cli.app import app
from searchapp.datatypes import Document
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import BuildError, CollectionNotFoundError, EncoderMismatchError, InputError
from searchapp.stores.base import Catalog
from searchapp.stores.copying import all_points
from searchapp.stores.manifest import Manifest
from searchapp.stores.opening import open_catalog

LONG = " ".join(f"Sentence number {n} is about rivers." for n in range(60))
FIRST = [
    Document("a", "Assam grows tea.", title="Tea", language="en", metadata={"topic": "tea"}),
    Document("b", LONG, language="en", metadata={"topic": "rivers"}),
    Document("c", "Bienen tanzen.", language="de", metadata={"topic": "bees"}),
]
CHANGED = [
    Document("b", "Rivers are short now.", language="en", metadata={"topic": "rivers"}),
    Document("d", "Les fourmis marchent.", language="fr", metadata={"topic": "ants"}),
]
OPTIONS = BuildOptions(passage_tokens=24, translations_by="topic")


@pytest.fixture(params=["embedded", "server"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Catalog:
    where = {"home": tmp_path / "home"} if request.param == "embedded" else {"url": ":memory:"}
    with closing(open_catalog(**where)) as opened:  # type: ignore[arg-type]
        yield opened


def state(catalog: Catalog, collection: str) -> tuple[dict[str, object], Manifest]:
    store, manifest = catalog.open(collection)
    with store:
        points = {
            point.id: (dict(point.payload), point.dense.round(3).tolist(), sorted(map(str, point.sparse.indices)))
            for page in all_points(store)
            for point in page
        }
        assert len(points) == store.count() == manifest.points
        assert store.facet("language") == dict(manifest.languages)
    return points, manifest


def test_a_grown_collection_equals_one_that_was_built_at_once(catalog: Catalog, tmp_path: Path) -> None:
    shared = {"catalog": catalog, "encoder": HashingEncoder(), "work": tmp_path / "work"}
    build_index(FIRST, "docs", options=OPTIONS, **shared)  # type: ignore[arg-type]
    before, first = state(catalog, "docs")
    report = add_documents(CHANGED, "docs", **shared)  # type: ignore[arg-type]
    assert (report.documents, report.passages, report.languages) == (2, 2, {"en": 1, "fr": 1})
    grown, manifest = state(catalog, "docs")
    build_index([FIRST[0], FIRST[2], *CHANGED], "whole", options=OPTIONS, **shared)  # type: ignore[arg-type]
    whole, _ = state(catalog, "whole")
    assert grown == whole
    assert (manifest.configuration.changes, manifest.configuration.translations_by) == (1, "topic")
    assert manifest.source != first.source
    store, _ = catalog.open("docs", first.version)
    with store:
        assert store.count() == len(before), "the version before is as it was"


def test_removed_documents_are_gone_and_a_rollback_brings_them_back(catalog: Catalog, tmp_path: Path) -> None:
    work = tmp_path / "work"
    build_index(FIRST, "docs", options=OPTIONS, catalog=catalog, encoder=HashingEncoder(), work=work)
    before, first = state(catalog, "docs")
    report = remove_documents(["b", "never", "b"], "docs", catalog=catalog, work=work)
    assert (report.documents, report.passages, report.missing) == (1, len(before) - 2, ("never",))
    after, manifest = state(catalog, "docs")
    assert {payload["document_id"] for payload, *_ in after.values()} == {"a", "c"}  # type: ignore[misc,index]
    assert dict(manifest.languages) == {"en": 1, "de": 1}
    catalog.activate("docs", first.version)
    assert state(catalog, "docs")[0] == before
    with pytest.raises(InputError, match="contains none of these 1 documents"):
        remove_documents(["never"], "docs", catalog=catalog, work=work)
    with pytest.raises(BuildError, match="no document of docs would be left"):
        remove_documents(["a", "b", "c"], "docs", catalog=catalog, work=work)
    assert state(catalog, "docs")[0] == before
    assert len(catalog.versions("docs")) == 2
    assert not catalog.leftovers()


def test_what_cannot_be_changed_is_said(tmp_path: Path) -> None:
    with pytest.raises(CollectionNotFoundError):
        add_documents(CHANGED, "docs", home=tmp_path)
    build_index(FIRST, "docs", encoder=HashingEncoder(), home=tmp_path)
    with pytest.raises(EncoderMismatchError):
        add_documents(CHANGED, "docs", encoder=HashingEncoder(dimension=32), home=tmp_path)
    with pytest.raises(BuildError, match="contains no documents"):
        add_documents([], "docs", encoder=HashingEncoder(), home=tmp_path)
    with pytest.raises(InputError, match="expected the ids of documents"):
        remove_documents([], "docs", home=tmp_path)
    with SearchClient("docs", encoder=HashingEncoder(), home=tmp_path) as client:
        assert client.search("tea", limit=1)[0].document_id == "a"


def test_a_change_that_another_build_overtook_changes_nothing(tmp_path: Path) -> None:
    encoder = HashingEncoder()
    build_index(FIRST, "docs", encoder=encoder, home=tmp_path)

    class Overtaken(HashingEncoder):
        """Builds another version when the change reads the encoder."""

        @property
        def dimension(self) -> int:
            if not built:
                built.append(build_index(FIRST[:1], "docs", encoder=encoder, home=tmp_path).version)
            return super().dimension

    built: list[str] = []
    with pytest.raises(BuildError, match="went live while this change began"):
        add_documents(CHANGED, "docs", encoder=Overtaken(), home=tmp_path)
    with closing(open_catalog(home=tmp_path)) as catalog:
        assert [catalog.live_version("docs")] == built


def test_the_commands_add_and_remove_and_read_standard_input(tmp_path: Path) -> None:
    runner = CliRunner()

    def run(*words: str, piped: str | None = None) -> dict[str, object]:
        done = runner.invoke(app, ["index", *words, "-c", "docs", "--home", str(tmp_path), "--json"], input=piped)
        assert done.exit_code == 0, done.output
        found: dict[str, object] = json.loads(done.stdout)
        return found

    rows = "".join(json.dumps({"id": one.id, "text": one.text, "language": one.language}) + "\n" for one in FIRST)
    assert run("build", "-", "--encoder", "static", piped=rows)["documents"] == 3
    added = run("add", "-", piped='{"id": "d", "text": "Ants march."}\n{"id": "e"}\n')
    assert (added["documents"], added["rejected"]) == (1, 1)
    removed = run("remove", "a", "x")
    assert (removed["documents"], removed["missing"]) == (1, ["x"])
    empty = runner.invoke(app, ["index", "add", "-", "-c", "docs", "--home", str(tmp_path)], input="")
    assert empty.exit_code != 0
    assert "standard input is empty" in str(empty.exception)


CHANGE = """
import os, signal, sys
from pathlib import Path
from index_builder import add_documents, remove_documents
from searchapp.datatypes import Document
from searchapp.encoders.fake import HashingEncoder

home, stop, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
seen = 0
def audit(event, args):
    global seen
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate") and str(home) in str(args[0]):
        seen += 1
        if seen == stop:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(audit)
if what == "add":
    add_documents([Document("b", "Short now.", language="en"), Document("d", "Ants.", language="en")], "docs",
                  encoder=HashingEncoder(), home=home)
else:
    remove_documents(["b"], "docs", home=home)
print(seen)
"""


@pytest.mark.parametrize("what", ["add", "remove"])
def test_a_change_killed_anywhere_leaves_the_old_or_the_new_version(what: str, tmp_path: Path) -> None:
    def change(home: Path, stop: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", CHANGE, str(home), str(stop), what], capture_output=True, text=True, check=False
        )

    def content(home: Path) -> set[tuple[str, int]]:
        with closing(open_catalog(home=home)) as catalog:
            points, _ = state(catalog, "docs")
        return {(payload["document_id"], payload["index"]) for payload, *_ in points.values()}  # type: ignore[index,misc]

    def start(home: Path) -> Path:
        build_index(FIRST, "docs", options=OPTIONS, encoder=HashingEncoder(), home=home)
        return home

    whole = start(tmp_path / "whole")
    old = content(whole)
    done = change(whole, 0)
    assert done.returncode == 0, done.stderr
    new, steps = content(whole), int(done.stdout)
    assert old != new
    for stop in range(1, steps + 1, max(1, steps // 8)):
        home = start(tmp_path / str(stop))
        assert change(home, stop).returncode == -signal.SIGKILL
        assert content(home) in (old, new)
        again = change(home, 0)
        assert again.returncode == 0 or "contains none of these" in again.stderr, again.stderr
        assert content(home) == new
        with closing(open_catalog(home=home)) as catalog:
            assert not catalog.leftovers()
