from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from sentence_transformers import CrossEncoder
from tiny_cross_encoder import save

from searchapp import ConfigurationError, EncoderError, MissingExtraError, Ranking
from searchapp.ranking.candidates import Candidate
from searchapp.ranking.cross_encoder import SAMPLES, CrossEncoderReranker, english_only
from searchapp.ranking.rerank import RerankStage
from searchapp.ranking.stages import Question
from searchapp.stores.payload import Payload
from searchapp.testing import temporary_client

ENGLISH = ["tea grows in the hills of Assam", "leaves turn sunlight into sugar"]
TEXTS = ["Tea grows in Assam.", "Assam tea is strong.", "Der Tee wächst in Assam.", "Kaffee wächst in Äthiopien."]


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save(tmp_path_factory.mktemp("english"), ENGLISH)


@pytest.fixture(scope="module")
def multilingual(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save(tmp_path_factory.mktemp("multilingual"), [*ENGLISH, *SAMPLES.values()])


def test_a_search_follows_the_cross_encoder_and_tells_what_moved(multilingual: str) -> None:
    with temporary_client(TEXTS) as plain, _client_like(plain, multilingual) as client:
        before = client.search("Assam tea", limit=4)
        after = client.search("Assam tea", limit=4, ranking=Ranking(rerank=True))
        scores = CrossEncoder(multilingual).predict([("Assam tea", hit.text) for hit in before.hits])
        expected = [hit.id for _, hit in sorted(zip(scores, before.hits, strict=True), key=lambda pair: -pair[0])]
        assert [hit.id for hit in after.hits] == expected != [hit.id for hit in before.hits]
        (step,) = after.steps
        assert (step.name, bool(step.moves)) == ("rerank", True)
        assert step.before == before.report
        assert after.hits[0].scores["rerank"] == pytest.approx(float(max(scores)), abs=1e-5)
        assert "rerank" in after.timings
        assert not any("English only" in note for note in after.notes)


def test_an_english_model_is_warned_about(english: str) -> None:
    with temporary_client(TEXTS) as plain, _client_like(plain, english) as client:
        notes = client.search("Assam", ranking=Ranking(rerank=True)).notes
        assert any("reads English only: its vocabulary has no words of ru" in note for note in notes)
        assert client.search("Assam").notes == ()


@pytest.mark.parametrize(
    ("tags", "warned"), [("language: en", True), ("language:\n- en\n- de", False), ("license: mit", True)]
)
def test_the_model_card_s_languages_go_before_the_vocabulary(tmp_path: Path, tags: str, warned: bool) -> None:
    texts = ENGLISH if "license" in tags else [*ENGLISH, *SAMPLES.values()]
    folder = save(tmp_path, texts, card=f"---\n{tags}\n---\nA model.\n")
    assert bool(CrossEncoderReranker(folder).warning) is warned


def test_a_damaged_card_says_nothing(multilingual: str) -> None:
    model = CrossEncoder(multilingual)
    assert english_only(model, card="---\nlanguage: [\n---\n") == english_only(model) == ""


def test_only_the_first_candidates_are_read_and_the_scores_keep_falling() -> None:
    class Reversed:
        asked: tuple[str, ...] = ()

        def score(self, query: str, texts: Sequence[str]) -> list[float]:
            Reversed.asked = (query, *texts)
            return list(range(len(texts)))

    found = [
        Candidate(id=name, score=1 - place / 10, payload=Payload(text=name, title="T" if name == "b" else ""))
        for place, name in enumerate("abcd")
    ]
    question = Question(text="q", spans=(), vector=None, limit=4, baseline={})
    ranked = RerankStage(Reversed(), depth=2).rank(found, question)
    assert Reversed.asked == ("q", "a", "T. b")
    assert [one.id for one in ranked] == ["b", "a", "c", "d"]
    assert [one.score for one in ranked] == pytest.approx([1.0, 0.0, 0.0, -0.1])
    assert RerankStage(Reversed(), depth=2).rank([], question) == []


@pytest.mark.parametrize("scores", [[1.0], [1.0, float("nan")]])
def test_scores_that_do_not_fit_are_refused(scores: list[float]) -> None:
    class Broken:
        def score(self, query: str, texts: Sequence[str]) -> list[float]:
            return scores

    found = [Candidate(id=name, score=1.0) for name in "ab"]
    question = Question(text="q", spans=(), vector=None, limit=2, baseline={})
    with pytest.raises(EncoderError, match="scores for 2 passages"):
        RerankStage(Broken(), depth=5).rank(found, question)


def test_what_cannot_rerank_says_what_to_do(tmp_path: Path, multilingual: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_client(TEXTS) as client, pytest.raises(ConfigurationError, match="SEARCHAPP_RERANKER"):
        client.search("Assam", ranking=Ranking(rerank=True))
    with pytest.raises(EncoderError, match="expected the folder or Hub name of a CrossEncoder"):
        CrossEncoderReranker(str(tmp_path / "none")).score("q", ["t"])
    with pytest.raises(EncoderError, match="gives 3 numbers per passage"):
        CrossEncoderReranker(save(tmp_path, ENGLISH, labels=3)).score("q", ["t"])
    assert len(CrossEncoderReranker(multilingual).score("q\ud800", ["a", "\udfffb"])) == 2
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtraError, match="transformers"):
        CrossEncoderReranker("any").score("q", ["t"])


def _client_like(client: object, reranker: str):  # type: ignore[no-untyped-def]
    from searchapp import SearchClient

    live = client._live  # type: ignore[attr-defined]
    return SearchClient("test", catalog=live.catalog, encoder=client._encoder, reranker=reranker)  # type: ignore[attr-defined]
