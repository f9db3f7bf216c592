"""Test that hostile texts take linear time, counted in calls and characters, never by the clock."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from searchapp.datatypes import Document
from searchapp.errors import InputError
from searchapp.testing import temporary_client
from searchapp.text import normalise, operators, passages
from searchapp.text.folding import fold
from searchapp.text.normalise import MOST_MARKS, normalize
from searchapp.text.numbers import numbers
from searchapp.text.operators import read_operators
from searchapp.text.passages import BLOCK, sentences
from searchapp.text.terms import Unspaced, Vocabulary, split_unspaced


def longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character)[0] == "M" else 0
        longest = max(longest, run)
    return longest


@pytest.mark.parametrize("lead", ["", "a", "कुक" * 40, "plain text " * 3], ids=["none", "letter", "indic", "text"])
@pytest.mark.parametrize("marks", ["\u0301", "\u0316\u0301", "\u093c\u0902", "\u05b0\u05bc\u0591"])
@pytest.mark.parametrize("count", [29, 30, 31, 45, 46, 5000])
def test_no_run_of_marks_is_longer_than_the_stream_safe_bound(lead: str, marks: str, count: int) -> None:
    run = (marks * count)[:count]
    found = normalize(f"{lead}{run}b")
    assert longest_run(found) <= MOST_MARKS
    if count <= MOST_MARKS:
        assert found == unicodedata.normalize("NFC", f"{lead}{run}b")


def test_what_is_composed_has_its_runs_bounded_already(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    class Counting:
        category = staticmethod(unicodedata.category)

        @staticmethod
        def is_normalized(form: Any, text: str) -> bool:
            seen.append(longest_run(text))
            return unicodedata.is_normalized(form, text)

        @staticmethod
        def normalize(form: Any, text: str) -> str:
            seen.append(longest_run(text))
            return unicodedata.normalize(form, text)

    monkeypatch.setattr(normalise, "unicodedata", Counting)
    normalize("e" + "\u0301\u0316" * 100_000)
    assert seen
    assert max(seen) <= MOST_MARKS


def test_marks_of_every_script_in_use_are_kept() -> None:
    for text in ("Ẹ̀kọ́ Ị̀gbò", "בְּרֵאשִׁית", "क्षत्रियाँ", "ནམ་མཁའི་", "g̃uarani", "مُحَمَّدٌ"):
        assert normalize(text) == unicodedata.normalize("NFC", text)


def test_a_query_is_measured_before_it_is_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_client([Document(id="1", text="tea", language="en")]) as client:
        early = "normalised before it was measured"
        monkeypatch.setattr("searchapp.search.arguments.normalize", lambda text: pytest.fail(early))
        with pytest.raises(InputError, match="characters"):
            client.search("\u0301" * 234_000)


@pytest.mark.parametrize("text", ["`" * 50_000, "a. " * 20_000, "(" * 30_000, "x" * 9_000 + " y" * 9_000, "。" * 9_000])
def test_the_sentence_cutter_never_sees_more_than_a_block(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def counted(language: str, piece: str) -> list[dict[str, int]]:
        seen.append(len(piece))
        return []

    monkeypatch.setattr(passages, "get_sentence_boundaries", counted)
    found = sentences(text, "en")
    assert max(seen) <= BLOCK
    assert sum(seen) == len(text)
    assert "".join(text[start:end] for start, end in found) == text


def test_blocks_end_between_lines_and_change_no_sentence_of_them() -> None:
    line = "The first sentence stands here. The second one follows it.\n"
    found = sentences(line * 200, "en")
    assert {(line * 200)[start:end].strip() for start, end in found} == {
        "The first sentence stands here.",
        "The second one follows it.",
    }
    assert len(found) == 400


@pytest.mark.parametrize("language", ["th", "lo", "km", "my"])
def test_languages_without_full_stops_are_cut_into_clauses(language: str) -> None:
    clause = "กขคงจฉชซ" * 4 + " "
    found = sentences(clause * 3 + "กข", language)
    assert [end - start for start, end in found] == [33, 33, 33, 2]


def test_a_long_run_of_digits_is_looked_through_once() -> None:
    assert len(numbers("9" * 360_000)) == 20_000  # an hour, if every digit could begin a number
    assert numbers("2024-05-01")[-1] == "#20240501"


def test_a_phrase_of_a_query_is_folded_once_for_all_passages(monkeypatch: pytest.MonkeyPatch) -> None:
    folded: list[str] = []

    def seen(text: str) -> str:
        folded.append(text)
        return fold(text)

    monkeypatch.setattr(operators, "fold", seen)
    wanted = read_operators(f'"{"oolong " * 1400}" title:assam title:assam -sugar -milk')
    assert wanted.in_title == ("assam",)
    for number in range(200):
        assert not wanted.allow(title="Assam", text=f"Passage {number} of tea", language="en")
    assert folded.count("oolong") <= 1400, "a query of 10,000 characters took 50 seconds"
    assert len(folded) < 1400 + 200 * 6


def test_a_text_is_analysed_once_for_all_words_of_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    analysed: list[str] = []

    def seen(text: str, known: Vocabulary) -> Unspaced:
        analysed.append(text)
        return split_unspaced(text, known)

    monkeypatch.setattr(operators, "split_unspaced", seen)
    query = read_operators("tea " + " ".join(f"-word{number}" for number in range(700)))
    assert query.allow(title="Assam", text="Tea grows here.", language="en")
    assert not query.allow(title="Assam", text="Tea of Word699.", language="en")
    assert len(analysed) <= 4


def test_pieces_that_are_no_words_are_not_remembered() -> None:
    known = Vocabulary("en")
    assert known["tea" * 100] == known["tea" * 100]
    assert not known
    assert known["tea"].words and list(known) == ["tea"]
