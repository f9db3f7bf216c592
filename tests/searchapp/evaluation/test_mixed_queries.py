from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from searchapp.errors import InputError
from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.robustness import evaluate_robustness
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.evaluation.tasks.code_switching import code_switched_queries
from searchapp.evaluation.tasks.mixed import mixed_task, span, spliced_queries
from searchapp.text.lexicon import Lexicon

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"

QUERIES = {
    "de": "Wie viele Punkte gab die Verteidigung ab?",
    "en": "How many points did the defence give up?",
    "zh": "防守队丢了多少分？",
    "th": "แนวรับเสียไปกี่แต้ม ในฤดูกาลนั้น",
}


@pytest.fixture
def task() -> RetrievalTask:
    queries = tuple(
        TaskQuery(id=f"{number}.{code}", text=text, languages=(code,), group=f"g{number}")
        for number in range(8)
        for code, text in QUERIES.items()
    )
    passages = tuple(TaskPassage(id=f"p.{code}", text=text, language=code) for code, text in QUERIES.items())
    return RetrievalTask(
        name="toy",
        queries=queries,
        passages=passages,
        qrels={query.id: {passage.id: 1 for passage in passages} for query in queries},
    )


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("How many points did the defence give up?", 0, 0.5, "How many points did"),
        ("How many points did the defence give up?", 0.5, 1, "the defence give up?"),
        ("防守队丢了多少分？", 0, 0.5, "防守队丢"),
        ("แนวรับเสียไปกี่แต้ม ในฤดูกาลนั้น", 0, 0.55, "แนวรับเสียไปกี่แต้ม"),
        ("word", 0, 0.5, "word"),
        ("", 0, 0.5, ""),
    ],
)
def test_spans_end_between_words(text: str, start: float, end: float, expected: str) -> None:
    assert span(text, start, end) == expected


def test_thai_without_a_space_nearby_is_cut_between_graphemes() -> None:
    text = "แนวรับเสียไปกี่แต้ม"
    for share in (0.3, 0.5, 0.7):
        end = span(text, 0, share)
        rest = text[len(end) :]
        assert not rest[0].strip() or rest[0] not in "ัิีึืุูั็่้๊๋์"


@pytest.mark.parametrize("parts", [2, 3])
def test_spliced_queries_have_a_part_of_each_language(task: RetrievalTask, parts: int) -> None:
    found = spliced_queries(task, parts=parts, seed=3)
    assert len(found) == 8
    assert len({query.languages for query in found}) > 1
    for query in found:
        assert len(set(query.languages)) == parts
        for place, code in enumerate(query.languages):
            piece = span(QUERIES[code], place / parts, (place + 1) / parts)
            assert piece
            assert piece in query.text
    assert spliced_queries(task, parts=parts, seed=3) == found
    assert spliced_queries(task, parts=parts, seed=4) != found


def test_the_parts_of_one_text_make_the_whole() -> None:
    text = QUERIES["en"]
    assert " ".join(span(text, place / 3, (place + 1) / 3) for place in range(3)) == text


def test_nothing_to_splice_is_told(task: RetrievalTask) -> None:
    with pytest.raises(InputError, match="no query in 5 languages"):
        spliced_queries(task, parts=5)


def test_mixed_queries_keep_pool_and_golds(task: RetrievalTask) -> None:
    mixed = mixed_task(task, spliced_queries(task, parts=2))
    assert mixed.passages == task.passages
    assert all(len(mixed.qrels[query.id]) == 4 for query in mixed.queries)
    assert "+" in mixed.queries[0].language


@pytest.fixture
def lexicon(tmp_path: Path) -> Lexicon:
    path = tmp_path / "lexicon.tsv"
    rows = [
        "synset\tlang\tlemma",
        "s1\ten\tpoints",
        "s1\tde\tPunkte",
        "s2\ten\tdefence",
        "s2\tde\tAbwehr",
        "s9\tfr\tautre",
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Lexicon.read(path, languages={"de", "en"})


def test_lexicon_looks_up_in_lower_case(lexicon: Lexicon) -> None:
    assert lexicon.translate("Points", source="en", target="de", random=Random(0)) == "Punkte"
    assert lexicon.translate("punkte", source="de", target="en", random=Random(0)) == "points"
    assert lexicon.translate("points", source="en", target="fr", random=Random(0)) is None


def test_code_switching_replaces_words_only(task: RetrievalTask, lexicon: Lexicon) -> None:
    found = code_switched_queries(task, lexicon, probability=1.0, seed=0)
    texts = {query.languages: query.text for query in found}
    assert set(texts) <= {("en", "de"), ("de", "en")}
    if ("en", "de") in texts:
        assert texts["en", "de"] == "How many Punkte did the Abwehr give up?"
    if ("de", "en") in texts:
        assert texts["de", "en"] == "Wie viele points gab die Verteidigung ab?"
    assert found


def test_code_switching_errors(task: RetrievalTask, tmp_path: Path) -> None:
    path = tmp_path / "lexicon.tsv"
    path.write_text("synset\tlang\tlemma\ns1\ten\tsnow\ns1\tde\tSchnee\n", encoding="utf-8")
    with pytest.raises(InputError, match="no word of the queries"):
        code_switched_queries(task, Lexicon.read(path, languages={"de", "en"}))
    with pytest.raises(InputError, match="no lemma in any of sw"):
        Lexicon.read(path, languages={"sw"})
    path.write_text("synset\tword\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column lang, lemma"):
        Lexicon.read(path, languages={"de"})
    broken = tmp_path / "lexicon.parquet"
    broken.write_bytes(b"no")
    with pytest.raises(InputError, match="not a Parquet file"):
        Lexicon.read(broken, languages={"de"})


@pytest.mark.shared
def test_the_shared_lexicon_is_read() -> None:
    found = Lexicon.read(SHARED / "lexicon.parquet", languages={"de", "en"})
    assert "Hund" in {found.translate("dog", source="en", target="de", random=Random(seed)) for seed in range(40)}


def test_robustness_compares_with_the_same_questions_in_the_same_languages(parallel_task, perfect) -> None:
    task = parallel_task(4, languages=("de", "en", "th"), fillers=5)
    evaluation = evaluate_encoder(task, perfect)
    # The oracle reads "ask 3 de": as good as monolingual.
    alike = [
        TaskQuery(id=f"m{number}", text=f"ask {number} de", languages=("de", "en"), group=f"q{number}")
        for number in range(4)
    ]
    # This one asks something else altogether.
    wrong = [
        TaskQuery(id=f"w{number}", text=f"ask {number + 500} de", languages=("de", "th"), group=f"q{number}")
        for number in range(4)
    ]
    found = evaluate_robustness(evaluation, perfect, {"alike": alike, "wrong": wrong}, k=3)
    assert found["alike"]["mAP"] == found["alike: monolingual"]["mAP"] == pytest.approx(1.0)
    assert found["alike"]["relative mAP"] == pytest.approx(1.0)
    assert found["alike"]["queries"] == 4
    assert found["alike: monolingual"]["queries"] == 8
    assert found["alike"]["own lift"] == pytest.approx(1.0)  # two of three hits in two of three languages
    assert found["alike"]["LPR"] == 1.0  # German and English come before Thai by pid
    assert found["wrong"]["relative mAP"] < 0.6
