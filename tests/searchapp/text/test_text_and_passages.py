from __future__ import annotations

import unicodedata

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from searchapp.datatypes import Document
from searchapp.errors import ConfigurationError
from searchapp.text.detection import FastDetector
from searchapp.text.normalise import normalize
from searchapp.text.passages import PassageCutter, estimate_tokens

DETECTOR = FastDetector()
ALPHABET = st.sampled_from(
    [
        *"abc .!?\n",
        "。",
        "！",
        "光",
        "合",
        "成",
        "।",
        "ก",
        "ำ",
        "ษ",
        "é",
        "👩‍👩‍👧",
        "🇩🇪",
        "क्षि",
        "ل",
        "ا",
        "؟",
        "e\u0301",
        "Ω",
        ";",
    ]
)
MIXED = st.lists(ALPHABET, max_size=400).map("".join)


def test_normalize_composes_and_cleans() -> None:
    assert normalize("e\u0301") == "é"
    assert normalize("a\x00b\x07c") == "abc"
    assert normalize("a\r\nb\rc") == "a\nb\nc"
    assert normalize("x\ud800y") == "x\ufffdy"
    assert normalize("\ufeffstart") == "start"
    assert normalize("ﬁne Ａ") == "ﬁne Ａ", "compatibility characters are what the reader sees"


@given(st.text())
def test_normalize_is_idempotent_and_composed(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


@settings(deadline=None, max_examples=150)
@given(MIXED, st.integers(4, 40), st.integers(0, 3))
def test_passages_are_slices_that_lose_nothing_and_split_no_grapheme(text: str, budget: int, overlap: int) -> None:
    document = Document(id="d", text=normalize(text), language="en")
    passages = PassageCutter(DETECTOR, budget=budget, overlap=overlap).cut(document)
    edges = {0, *(match.end() for match in regex.finditer(r"\X", document.text))}
    covered = set()
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text
        assert passage.text.strip() == passage.text != ""
        covered.update(range(passage.start, passage.end))
    # trimming may end next to a space that clings to a mark; elsewhere both ends are grapheme borders
    for passage in passages:
        for edge in (passage.start, passage.end):
            near = document.text[max(0, edge - 1) : edge + 1]
            assert edge in edges or any(character.isspace() for character in near)
    lost = [place for place, character in enumerate(document.text) if place not in covered and not character.isspace()]
    assert lost == []


def test_sentences_stay_whole_in_every_script() -> None:
    texts = {
        "en": "Dr. Smith came in 1999. He paid $3.50 for it. Then he left again.",
        "zh": "光合作用很重要。植物制造糖！为什么呢？因为它们需要能量。",
        "hi": "प्रकाश संश्लेषण एक प्रक्रिया है। पौधे शर्करा बनाते हैं। वे हरे होते हैं।",
        "ar": "التمثيل الضوئي عملية مهمة. هل تعرف لماذا؟ لأن النباتات تصنع السكر.",
    }
    for language, text in texts.items():
        cutter = PassageCutter(DETECTOR, budget=estimate_tokens(text) // 2 + 2)
        passages = cutter.cut(Document(id="d", text=text, language=language))
        assert len(passages) >= 2, language
        for passage in passages:
            assert passage.text[-1] in ".。！？।؟?!", (language, passage.text)


def test_thai_without_full_stops_is_cut_at_spaces() -> None:
    text = "การสังเคราะห์แสงเป็นกระบวนการของพืช " * 8
    passages = PassageCutter(DETECTOR, budget=60).cut(Document(id="d", text=text, language="th"))
    assert len(passages) > 2
    assert all(passage.text.endswith("พืช") for passage in passages)


def test_overlap_repeats_whole_sentences() -> None:
    text = "One is here. Two is here. Three is here. Four is here. Five is here."
    passages = PassageCutter(DETECTOR, budget=8, overlap=4).cut(Document(id="d", text=text, language="en"))
    assert [passage.text for passage in passages][:2] == ["One is here. Two is here.", "Two is here. Three is here."]


def test_given_boundaries_are_kept_and_the_document_is_the_context() -> None:
    document = Document(id="d", text="One. Two.", title="T", language="en", boundaries=((0, 4), (5, 9)))
    passages = PassageCutter(DETECTOR).cut(document)
    assert [(p.text, p.start, p.context) for p in passages] == [("One.", 0, "T One. Two."), ("Two.", 5, "T One. Two.")]


def test_language_is_detected_unless_the_source_gives_it() -> None:
    cutter = PassageCutter(DETECTOR)
    found = cutter.cut(Document(id="d", text="Die Blätter sind im Sommer grün und im Herbst bunt."))[0]
    assert (found.language, found.script) == ("de", "Latn")
    given_language = cutter.cut(Document(id="d", text="Die Blätter sind grün.", language="pt-BR"))[0]
    assert (given_language.language, given_language.confidence) == ("pt", 1.0)


def test_ids_are_deterministic_and_the_hash_follows_the_content() -> None:
    one, same, other = (
        PassageCutter(DETECTOR).cut(Document(id="d", text=text, language="en"))[0]
        for text in ("Tea.", "Tea.", "Coffee.")
    )
    assert one.id == same.id == other.id
    assert one.content_hash == same.content_hash != other.content_hash


@pytest.mark.parametrize(("budget", "overlap"), [(0, 0), (5, 5), (5, -1)])
def test_a_budget_that_cannot_be_kept_is_refused(budget: int, overlap: int) -> None:
    with pytest.raises(ConfigurationError, match="expected 0 <= overlap < budget"):
        PassageCutter(DETECTOR, budget=budget, overlap=overlap)
