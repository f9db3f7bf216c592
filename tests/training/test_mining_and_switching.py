from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Dataset
from support import SHARED

from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import ConfigurationError, InputError
from training.code_switching import CodeSwitcher, Lexicon, switch_rows
from training.datasets.translations import read_groups, translation_pairs
from training.mining import mine_negatives, related_groups

ROWS = [
    ("syn1", "en", "house"), ("syn1", "de", "Haus"), ("syn1", "zh", "房子"), ("syn1", "th", "บ้าน"),
    ("syn2", "en", "red"), ("syn2", "de", "rot"), ("syn2", "zh", "红"), ("syn3", "en", "house"), ("syn3", "de", "Haus"),
    ("syn4", "en", "house"), ("syn4", "de", "Gebäude"),
]  # fmt: skip


def test_a_lexicon_prefers_translations_with_more_synsets() -> None:
    lexicon = Lexicon.of(ROWS)
    assert lexicon.translations("House", "en", "de") == ("Haus", "Gebäude")
    assert lexicon.translations("house", "en", "fr") == () and lexicon.targets("house", "en") == ("de", "th", "zh")


def test_every_known_word_is_switched_and_unknown_ones_stay() -> None:
    switcher = CodeSwitcher(lexicon=Lexicon.of(ROWS, most=1), probability=1.0, languages=("de",))
    assert switcher.switch("House of the RED house, 3x!", "en") == "Haus of the Rot haus, 3x!"
    assert switcher.switch("House", "fr") == "House"
    assert CodeSwitcher(lexicon=Lexicon.of(ROWS), probability=0.0).switch("red house", "en") == "red house"


def test_texts_without_spaces_are_segmented_and_get_spaces_around_foreign_words() -> None:
    switcher = CodeSwitcher(lexicon=Lexicon.of(ROWS, most=1), probability=1.0, languages=("en",))
    assert switcher.switch("我的红房子很大", "zh") == "我的 red house 很大"
    assert switcher.switch("บ้านของฉัน", "th") == "house ของฉัน"
    to_chinese = CodeSwitcher(lexicon=Lexicon.of(ROWS, most=1), probability=1.0, languages=("zh",))
    assert to_chinese.switch("a red house.", "en") == "a 红 房子."


def test_bilingual_texts_have_one_foreign_language() -> None:
    rows = [(f"s{n}", code, f"{code}{n}") for n in range(30) for code in ("en", "de", "fr", "es")]
    text = " ".join(f"en{n}" for n in range(30))
    for kind, several in (("bilingual", False), ("multilingual", True)):
        switched = CodeSwitcher(lexicon=Lexicon.of(rows), probability=0.5, kind=kind, seed=3).switch(text, "en")
        foreign = {word[:2] for word in switched.split()} - {"en"}
        kept = sum(word.startswith("en") for word in switched.split())
        assert (len(foreign) > 1) == several and 5 < kept < 25
        again = CodeSwitcher(lexicon=Lexicon.of(rows), probability=0.5, kind=kind, seed=3).switch(text, "en")
        assert again == switched


def test_switching_rows_keeps_everything_but_the_texts() -> None:
    rows = Dataset.from_dict(
        {"anchor": [f"red house {n}" for n in range(200)], "positive": ["das Haus"] * 200, "group": ["g"] * 200,
         "query_language": ["en"] * 200, "passage_language": ["de"] * 200, "source": ["s"] * 200}
    )  # fmt: skip
    switcher = CodeSwitcher(lexicon=Lexicon.of(ROWS, most=1), probability=1.0, languages=("de", "en"))
    switched = switch_rows(rows, switcher, share=0.5, columns=["anchor"])
    changed = [row["anchor"] != old for row, old in zip(switched, rows["anchor"], strict=True)]
    assert 70 < sum(changed) < 130 and set(switched["positive"]) == {"das Haus"}
    assert switched["anchor"][changed.index(True)].startswith("rot haus ")
    both = switch_rows(rows, switcher, share=1.0, columns=["anchor", "positive"])
    assert set(both["positive"]) == {"das House"}


@pytest.mark.shared
def test_the_shared_lexicon_switches_real_text() -> None:
    lexicon = Lexicon.read(SHARED / "lexicon.parquet", languages=["en", "de", "th", "zh"])
    switcher = CodeSwitcher(lexicon=lexicon, probability=1.0, languages=("de",))
    assert "Hund" in lexicon.translations("dog", "en", "de")
    assert switcher.switch("the dog", "en").split()[-1].capitalize() in lexicon.translations("dog", "en", "de")
    assert any(word in switcher.switch("หมากินน้ำ", "th") for word in ("hund", "wasser"))


def test_groups_that_share_a_text_are_related() -> None:
    groups = ["1", "1", "2", "3", "4"]
    anchors, positives = ["a", "b", "c", "d", "e"], ["p", "q", "p", "r", "d"]
    related = related_groups(groups, [anchors, positives])
    assert related[0] == related[1] == related[2] and related[3] == related[4] != related[0]


def test_negatives_are_hard_of_every_language_and_never_a_translation(translations: Path) -> None:
    groups = read_groups(translations)
    rows = translation_pairs(groups, seed=0)
    mined, report = mine_negatives(rows, HashingEncoder(), count=3, margin=0.0)
    assert len(mined) + report.short == len(rows) and len(mined) > 500
    of_text = dict(zip(groups.texts, groups.group_of_row.tolist(), strict=True))
    language_of = dict(zip(groups.texts, groups.languages.tolist(), strict=True))
    encoder = HashingEncoder()
    sample = mined.select(range(0, len(mined), 10))
    of_all = 0
    for row in sample:
        negatives = [row["negative"], row["negative_2"], row["negative_3"]]
        of_all += {language_of[text] for text in negatives} == {"de", "en", "es"}
        assert all(of_text[text] != int(row["group"].partition(":")[2]) for text in negatives)
        query = encoder.encode_queries([row["anchor"]])[0]
        scores = encoder.encode_passages([row["positive"], *negatives]) @ query
        assert (scores[1:] <= scores[0] + 1e-6).all()
    # Where every passage of a language scores above the positive, another language gives two.
    assert of_all > 0.9 * len(sample)
    counts = list(report.languages["de"].values())
    assert len(counts) == 3 and max(counts) < 1.25 * min(counts)


def test_a_translation_reached_through_a_shared_text_is_not_taken() -> None:
    # Group 2 repeats the positive of group 1: "gut" translates it, too, though its group differs.
    rows = Dataset.from_dict(
        {
            "anchor": ["good x", "good", "bad y"], "positive": ["good x bueno", "good x bueno", "mal y"], "group": ["1", "2", "3"],
            "query_language": ["en"] * 3, "passage_language": ["es"] * 3, "source": ["s"] * 3,
        }
    )  # fmt: skip
    extra = {
        "anchor": "good",
        "positive": "gut und x good",
        "group": "4",
        "query_language": "en",
        "passage_language": "de",
        "source": "s",
    }
    rows = Dataset.from_list([*rows.to_list(), extra])
    taken = [
        {
            row["negative"]
            for seed in range(9)
            for row in mine_negatives(some, HashingEncoder(), margin=0.0, seed=seed)[0]
            if row["group"] == "1"
        }
        for some in (rows, rows.select([0, 2, 3]))
    ]
    assert taken == [{"mal y"}, {"mal y", "gut und x good"}]  # without the row that links them it is taken


def test_impossible_mining_is_said(translations: Path) -> None:
    rows = translation_pairs(read_groups(translations), seed=0)
    with pytest.raises(ConfigurationError, match="count 0, skip 0"):
        mine_negatives(rows, HashingEncoder(), count=0)
    with pytest.raises(InputError, match="no row got 1 hard negatives"):
        mine_negatives(rows.select([0]), HashingEncoder())


def test_the_lexicon_file_needs_its_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"lemma": ["x"]}), tmp_path / "l.parquet")
    with pytest.raises(InputError, match="no column synset or lang"):
        Lexicon.read(tmp_path / "l.parquet")
    assert np.array_equal(related_groups(["a", "b"], []), [0, 1])
