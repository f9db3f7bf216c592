from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support import build, documents

from searchapp import ConfigurationError, Ranking, SearchClient
from searchapp.cli.output import _writer
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import WriterError
from searchapp.expansion.cached import CachedWriter
from searchapp.expansion.local import LocalWriter
from searchapp.expansion.openai_compatible import OpenAICompatibleWriter
from searchapp.settings import Settings, read_settings


class Written:
    """A writer that knows two words and records its requests."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.error = error

    def passage(self, query: str, languages: Sequence[str]) -> str:
        self.asked.append(("passage", query, *languages))
        if self.error is not None:
            raise self.error
        return "Teepflanze in den Hügeln von Assam"

    def translate(self, text: str, source: str, target: str) -> str:
        self.asked.append(("translate", text, source, target))
        if self.error is not None or target == "th":
            raise self.error or WriterError("no Thai")
        return {"de": "Zucker", "es": "azúcar"}.get(target, "sugar")


def client(home: Path, writer: Written | None) -> SearchClient:
    return SearchClient("docs", home=home, encoder=HashingEncoder(), writer=writer)


@pytest.fixture
def index(home: Path) -> Path:
    build(home, documents())
    return home


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_a_written_passage_finds_what_the_query_s_words_do_not(index: Path, mode: str) -> None:
    with client(index, Written()) as found:
        plain = found.search("xyzzy", limit=3, mode=mode)  # type: ignore[arg-type]
        rich = found.search("xyzzy", limit=3, mode=mode, ranking=Ranking(expansion="passage"))  # type: ignore[arg-type]
        assert rich.hits[0].language == "de"
        assert "Assam" in rich.hits[0].text
        assert [hit.id for hit in plain.hits] != [hit.id for hit in rich.hits]
        assert rich.query == "xyzzy"
        assert ("expand" in rich.timings, "expand" in plain.timings) == (True, False)


def test_the_query_counts_more_than_what_was_written(index: Path) -> None:
    with client(index, Written()) as found:
        hits = found.search("hojas verdes azúcar", limit=3, ranking=Ranking(expansion="passage"), mode="lexical").hits
        assert hits[0].language == "es"


def test_translations_go_to_the_largest_other_languages_that_the_filters_leave(index: Path) -> None:
    writer = Written()
    with client(index, writer) as found:
        result = found.search("sugar from sunlight", ranking=Ranking(expansion="translate"), languages=["de", "en"])
        assert [call[2:] for call in writer.asked] == [("en", "de")]
        assert any(hit.language == "de" and "lexical" in hit.scores for hit in result.hits)
        plain = found.search("sugar from sunlight", languages=["de", "en"])
        assert not any(hit.language == "de" and "lexical" in hit.scores for hit in plain.hits)
        writer.asked.clear()
        found.search("sugar from sunlight", ranking=Ranking(expansion="translate"))
        assert len(writer.asked) == 2, "three targets, of which de is remembered"


def test_both_expands_before_it_translates(index: Path) -> None:
    writer = Written()
    with client(index, writer) as found:
        found.search("sugar", ranking=Ranking(expansion="both"), languages=["de"])
    assert [call[0] for call in writer.asked] == ["passage", "translate"]
    assert writer.asked[1][1] == "sugar\nTeepflanze in den Hügeln von Assam"


@pytest.mark.parametrize("error", [WriterError("it is down"), RuntimeError("it is down"), TimeoutError("it is down")])
@pytest.mark.parametrize("expansion", ["passage", "translate", "both"])
def test_a_failing_writer_leaves_the_plain_query_and_a_note(index: Path, error: Exception, expansion: str) -> None:
    with client(index, Written(error)) as found:
        plain = found.search("Assam tea")
        result = found.search("Assam tea", ranking=Ranking(expansion=expansion))  # type: ignore[arg-type]
        assert [(hit.id, hit.score) for hit in result.hits] == [(hit.id, hit.score) for hit in plain.hits]
        assert any("the plain query was searched: it is down" in note for note in result.notes)


def test_one_failing_translation_leaves_the_others(index: Path) -> None:
    with client(index, Written()) as found:
        result = found.search("sugar", ranking=Ranking(expansion="translate"), languages=["de", "th"])
        assert any("not translated to th" in note for note in result.notes)
        assert any(hit.language == "de" and "lexical" in hit.scores for hit in result.hits)


def test_expansion_without_a_writer_says_how_to_name_one(index: Path) -> None:
    with client(index, None) as found, pytest.raises(ConfigurationError, match="SEARCHAPP_WRITER_URL"):
        found.search("sugar", ranking=Ranking(expansion="passage"))


def test_answers_are_remembered_and_failures_are_not() -> None:
    inner = Written()
    writer = CachedWriter(inner, size=1)
    assert writer.translate("a", "en", "de") == writer.translate("a", "en", "de") == "Zucker"
    assert len(inner.asked) == 1
    writer.passage("a", ["en"])
    writer.translate("a", "en", "de")
    assert len(inner.asked) == 3, "only the latest one is kept"
    failing = Written(WriterError("down"))
    for _ in range(2):
        with pytest.raises(WriterError):
            CachedWriter(failing).passage("a", ["en"])
    assert len(failing.asked) == 2


def test_settings_name_the_writer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert _writer(read_settings(), trust_remote_code=False) is None
    (tmp_path / "searchapp.toml").write_text('writer_url = "http://localhost:8000/v1"\nwriter_model = "m"\n')
    monkeypatch.setenv("SEARCHAPP_WRITER_KEY", "secret")
    found = read_settings()
    assert "secret" not in repr(found)
    assert isinstance(_writer(found, trust_remote_code=False), OpenAICompatibleWriter)
    assert isinstance(_writer(Settings(writer_url=None, writer_model="m"), trust_remote_code=False), LocalWriter)
    with pytest.raises(ConfigurationError, match="SEARCHAPP_WRITER_MODEL"):
        _writer(Settings(writer_model=None), trust_remote_code=False)


def test_languages_that_no_word_matched_are_named(index: Path) -> None:
    with client(index, None) as found:
        assert found.search("Teepflanze").unmatched == ("ar", "en", "es", "th", "zh")
        assert found.search("Teepflanze", mode="dense").unmatched == ()
        assert found.search("Assam", mode="lexical").unmatched == ("th", "zh"), (
            "the Arabic passage writes it آسام, which sounds alike"
        )
        assert found.search("Teepflanze", languages=["de", "zh"]).unmatched == ("zh",)
