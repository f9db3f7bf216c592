from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from searchapp import SearchClient
from searchapp.datatypes import LanguageSpan
from searchapp.demo import corpus_path, development_paraphrases_path, paraphrases_path, qrels_path, queries_path
from searchapp.text.bm25 import LexicalEncoder
from searchapp.text.detection import FastDetector
from searchapp.text.scripts import script_of

LANGUAGES = {"ar", "de", "el", "en", "es", "fr", "he", "hi", "ja", "ru", "th", "vi", "zh"}
SCRIPTS = {
    "ar": "Arab",
    "el": "Grek",
    "he": "Hebr",
    "hi": "Deva",
    "ja": "Jpan",
    "ru": "Cyrl",
    "th": "Thai",
    "zh": "Hani",
}


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


PASSAGES = lines(corpus_path())
QUERIES = lines(queries_path())


def test_topics_are_parallel_in_all_languages() -> None:
    topics = defaultdict(set)
    for passage in PASSAGES:
        assert set(passage) == {"id", "topic", "language", "title", "text"}
        assert passage["id"] == f"{passage['topic']}-{passage['language']}"
        topics[passage["topic"]].add(passage["language"])
    assert len(topics) >= 60
    assert set(map(frozenset, topics.values())) == {frozenset(LANGUAGES)}
    assert len({passage["text"] for passage in PASSAGES}) == len(PASSAGES)


def test_every_passage_is_in_the_script_and_language_that_it_says() -> None:
    detector = FastDetector()
    wrong = [p["id"] for p in PASSAGES if detector.detect(p["text"]).language != p["language"]]
    assert wrong == []
    assert [p["id"] for p in PASSAGES if script_of(p["text"]) != SCRIPTS.get(p["language"], "Latn")] == []


def test_queries_have_qrels_and_some_mix_languages() -> None:
    rows = [line.split("\t") for line in qrels_path().read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["query-id", "corpus-id", "score"]
    judged = {row[0] for row in rows[1:]}
    ids = {passage["id"] for passage in PASSAGES}
    assert {row[1] for row in rows[1:]} <= ids
    assert {query["_id"] for query in QUERIES} == judged
    assert len(QUERIES) >= 60
    assert sum(len(query["languages"]) > 1 for query in QUERIES) >= 15
    assert len({query["languages"][0] for query in QUERIES}) >= 12


def test_the_demo_index_holds_every_text_whole(demo_home: Path) -> None:
    with SearchClient("demo", home=demo_home) as client:
        assert client.manifest().points == len(PASSAGES)
        (hit,) = client.search("aurora", languages=["vi"], limit=1).hits
    assert hit.text == next(p["text"] for p in PASSAGES if p["id"] == hit.document_id)


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("Warum leuchten Polarlichter grün?", "aurora"),
        ("من بنى أهرامات الجيزة؟", "giza-pyramids"),
        ("wie funktioniert photosynthesis en las plantas", "photosynthesis"),
    ],
)
def test_queries_find_their_parallel_passages(demo_home: Path, query: str, topic: str) -> None:
    with SearchClient("demo", home=demo_home) as client:
        result = client.search(query, limit=10)
    assert result.hits[0].payload["topic"] == topic
    found = {hit.language for hit in result.hits if hit.payload["topic"] == topic}
    assert len(found) >= 3, f"only in {found}"


def test_the_demo_queries_find_their_topics(demo_home: Path) -> None:
    with SearchClient("demo", home=demo_home) as client:
        results = client.search_batch([query["text"] for query in QUERIES], limit=10)
    first = [
        result.hits[0].payload["topic"] == query["_id"].rsplit("-", 1)[0]
        for query, result in zip(QUERIES, results, strict=True)
    ]
    assert sum(first) / len(first) >= 0.75  # .82 measured


PARAPHRASES = lines(paraphrases_path())
DEVELOPMENT_PARAPHRASES = lines(development_paraphrases_path())
PASSED_OVER = {"a", "à", "a-t-on", "les", "más", "quand", "que", "έχει", "חוצה"}
"""Function words, and a word that only has a stem in common with one of its passage ("muddy")."""


def test_paraphrases_are_a_hundred_in_all_languages_about_known_topics() -> None:
    known = {(row["topic"], row["language"]) for row in PASSAGES}
    assert len({row["text"] for row in PARAPHRASES}) == 100
    assert {row["language"] for row in PARAPHRASES} == {language for _, language in known}
    assert {(row["topic"], row["language"]) for row in PARAPHRASES} <= known


def test_choices_are_made_on_other_paraphrases() -> None:
    known = {(row["topic"], row["language"]) for row in PASSAGES}
    asked = [(row["topic"], row["language"]) for row in DEVELOPMENT_PARAPHRASES]
    assert {language for _, language in asked} == {language for _, language in known}
    assert set(asked) <= known - {(row["topic"], row["language"]) for row in PARAPHRASES}
    assert len(set(asked)) == len(asked) == 65


@pytest.mark.parametrize("language", ["de", "el", "en", "es", "fr", "he", "ru"])
def test_a_paraphrase_shares_no_content_word_with_its_passage(language: str) -> None:
    lexical = LexicalEncoder()
    texts = {row["topic"]: f"{row['title']} {row['text']}" for row in PASSAGES if row["language"] == language}
    for row in (*PARAPHRASES, *DEVELOPMENT_PARAPHRASES):
        if row["language"] == language:
            text = row["text"].replace("l'", "")  # the French article
            words = " ".join(word for word in text.split() if word.casefold() not in PASSED_OVER)
            span = LanguageSpan(words, 0, len(words), language, 1.0, "Zyyy")
            (passage,) = lexical.encode_passages([texts[row["topic"]]], [language])
            assert not {*lexical.encode_query((span,)).indices} & {*passage.indices}, row["text"]
