from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Dataset, concatenate_datasets
from support import SHARED

from searchapp.errors import ConfigurationError, InputError
from training.config import SourceConfig
from training.datasets import OverlapGuard, assemble, hold_out, read_rows
from training.datasets.pairing import cross_lingual_pairs
from training.datasets.row_dataset import RowDataset
from training.datasets.translations import part_pairs, read_groups, translation_pairs


def lines(path: Path, rows: list[object]) -> str:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return str(path)


def read(path: str, kind: str, **settings: object) -> Dataset:
    return read_rows(SourceConfig(path=path, format=kind, **settings), seed=0)  # type: ignore[arg-type]


def test_jsonl_rows_keep_what_is_given_and_detect_the_rest(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "own.jsonl",
        [
            {"anchor": "Wo liegt der Fluss Rhein?", "positive": "The Rhine flows through Germany and other countries.", "negative": ["a", "b"], "group": 7},
            {"anchor": "x", "positive": "y", "negative": "z", "language": "sw"},
            {"anchor": "no negative", "positive": "y"},
        ],
    )  # fmt: skip
    rows = read(path, "jsonl", negatives=1)
    assert rows.column_names[:3] == ["anchor", "positive", "negative"]
    assert rows["query_language"][:] == ["de", "sw"] and rows["passage_language"][:] == ["en", "sw"]
    assert rows["group"][:] == ["own:7", "own:line 2"] and rows["negative"][:] == ["a", "z"]
    assert len(read(path, "jsonl")) == 3


def test_flag_embedding_and_tevatron_rows(tmp_path: Path) -> None:
    flag = lines(tmp_path / "flag.jsonl", [{"query": "q", "pos": ["p1", "p2"], "neg": ["n1", "n2"]}])
    rows = read(flag, "flag-embedding", language="en", negatives=2)
    assert rows["positive"][:] == ["p1", "p2"] and rows["negative_2"][:] == ["n2", "n2"]
    assert len(set(rows["group"])) == 1
    passage = {"docid": "1", "title": "T", "text": "body"}
    tevatron = lines(
        tmp_path / "t.jsonl",
        [
            {
                "query_id": "9",
                "query": "q",
                "positive_passages": [passage],
                "negative_passages": [{**passage, "title": ""}],
            }
        ],
    )
    row = read(tevatron, "tevatron", language="en", negatives=1)[0]
    assert (row["positive"], row["negative"], row["group"]) == ("T body", "body", "t:9")


def test_a_local_folder_reads_like_a_hub_dataset(tmp_path: Path) -> None:
    lines(tmp_path / "train.jsonl", [{"question": "q", "text": "t"}, {"question": "r", "text": "u"}])
    rows = read(str(tmp_path), "hub", columns={"anchor": "question", "positive": "text"}, language="fr", name="mine")
    assert rows["positive"][:] == ["t", "u"] and rows["group"][:] == ["mine:row 0", "mine:row 1"]
    with pytest.raises(InputError, match="no column anchor or positive; it has question, text"):
        read(str(tmp_path), "hub", language="fr")


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("jsonl", '{"anchor": 3, "positive": "p"}', "rows.jsonl:1: a row with anchor, positive; expected text"),
        ("jsonl", "{", "rows.jsonl:1: malformed JSON"),
        ("jsonl", "[1]", r"rows.jsonl:1: \[1\]; expected an object"),
        ("jsonl", "", "no usable row: it is empty"),
        ("flag-embedding", '{"query": "q"}', "expected text under query, pos and neg"),
        ("tevatron", '{"query": "q"}', "expected text under query and positive_passages"),
    ],
)
def test_bad_files_are_named_with_their_line(tmp_path: Path, kind: str, text: str, message: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(text)
    with pytest.raises((InputError, ConfigurationError), match=message):
        read(str(path), kind)


def test_parquet_problems_are_named(tmp_path: Path, translations: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        read(str(tmp_path / "none.parquet"), "translations")
    with pytest.raises(InputError, match="no column question or passage"):
        read(str(translations), "questions")
    with pytest.raises(InputError, match="no row with lang in xx"):
        read(str(translations), "translations", languages=("xx",))
    with pytest.raises(InputError, match="no group has texts in two of the requested languages; there is de"):
        read(str(translations), "translations", languages=("de",))
    with pytest.raises(ConfigurationError, match="needs each passage in two languages"):
        read_rows(SourceConfig(path="x", format="jsonl"), seed=0, parallel=True)


def test_questions_on_one_passage_share_a_group(tmp_path: Path) -> None:
    row = {"source": "s", "lang": "ja", "passage": "long passage", "answer": "", "title": ""}
    rows = [{**row, "question": "a"}, {**row, "question": "b"}, {**row, "question": "c", "passage": "other"}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "qa.parquet")
    found = read(str(tmp_path / "qa.parquet"), "questions")
    assert found["group"][0] == found["group"][1] != found["group"][2]
    assert set(assemble([found])) == {"mono/ja"}


def test_pairs_of_translations_stay_in_their_group_and_leave_their_language(translations: Path) -> None:
    groups = read_groups(translations)
    text_of = {(g, lang): t for g, lang, t in zip(groups.group_of_row, groups.languages, groups.texts, strict=True)}
    pairs = translation_pairs(groups, seed=1, per_text=2, parallel=True)
    assert len(pairs) == 1200
    for row in pairs:
        number = int(row["group"].partition(":")[2])
        assert row["query_language"] != row["passage_language"]
        assert row["positive"] == text_of[number, row["passage_language"]]
        assert row["parallel"] in {
            text_of[number, code] for code in ("de", "en", "es") if code != row["passage_language"]
        }
    found = assemble([pairs])
    assert set(found) == {f"cross/{a}-{b}" for a in ("de", "en", "es") for b in ("de", "en", "es") if a != b}
    assert found["cross/de-en"].column_names == ["anchor", "positive", "parallel", "group"]


def test_parts_are_the_same_content_in_one_language_or_two(translations: Path) -> None:
    groups = read_groups(translations)
    mono, cross = (part_pairs(groups, seed=3, kinds=(kind,)) for kind in ("mono", "cross"))
    assert mono["anchor"][:] == cross["anchor"][:] and mono["group"][:] == cross["group"][:]
    for same, other in zip(mono, cross, strict=True):
        assert same["anchor"] in same["positive"] and 3 <= len(same["anchor"].split()) < len(same["positive"].split())
        assert (
            same["passage_language"] == same["query_language"] == other["query_language"] != other["passage_language"]
        )


def test_parts_of_texts_without_spaces_are_cut_by_characters() -> None:
    import numpy as np

    from training.datasets.parts import part_of

    text = "ต้นชาเติบโตบนเนินเขาอัสสัมในประเทศอินเดีย"
    part = part_of(text, np.random.default_rng(0))
    assert part in text and 10 < len(part) < len(text)
    assert part_of("嗯", np.random.default_rng(0)) == "嗯"


def test_translated_questions_become_cross_lingual_pairs() -> None:
    rows = Dataset.from_dict(
        {
            "anchor": ["wo?", "where?", "alone"], "positive": ["dort", "there", "nowhere"], "group": ["1", "1", "2"],
            "query_language": ["de", "en", "en"], "passage_language": ["de", "en", "en"], "source": ["s"] * 3,
        }
    )  # fmt: skip
    pairs = cross_lingual_pairs(rows, seed=0)
    assert [(r["anchor"], r["positive"], r["passage_language"]) for r in pairs] == [
        ("wo?", "there", "en"),
        ("where?", "dort", "de"),
    ]
    assert set(assemble([rows, pairs])) == {"mono/de", "mono/en", "cross/de-en", "cross/en-de"}
    with pytest.raises(InputError, match="no group of these 1 pairs occurs in two languages"):
        cross_lingual_pairs(rows.select([2]), seed=0)


def test_assembling_refuses_mixed_columns_and_small_languages(translations: Path, caplog) -> None:
    pairs = part_pairs(read_groups(translations), seed=0, kinds=("mono",))
    with pytest.raises(InputError, match="the pairs differ in their columns"):
        assemble([pairs, pairs.add_column("negative", ["n"] * len(pairs))])
    german = pairs.filter(lambda row: row["query_language"] == "de").select(range(5))
    assert set(assemble([pairs.filter(lambda row: row["query_language"] != "de"), german], least=10)) == {
        "mono/en",
        "mono/es",
    }
    assert "left out, with fewer than 10 groups: mono/de" in caplog.text
    with pytest.raises(
        InputError, match=r"no language has 10 groups: .* is 10; expected at most 5, the groups of mono/de"
    ):
        assemble([german], least=10)
    sentences = german.remove_columns(["positive"])
    assert set(assemble([german, sentences])) == {"mono/de", "simcse/de"}


def test_no_group_is_on_both_sides_of_the_split(translations: Path) -> None:
    pairs = translation_pairs(read_groups(translations), seed=0)
    train, held = hold_out(pairs, 0.2, seed=1)
    assert not set(train["group"]) & set(held["group"]) and len(train) + len(held) == len(pairs)
    assert 0.1 < len(held) / len(pairs) < 0.3
    again = hold_out(pairs.select(range(300)), 0.2, seed=1)[1]
    assert set(again["group"]) <= set(held["group"])


EVALUATION = {
    "en": "The Amazon rainforest covers most of the Amazon basin of South America.",
    "zh": "亚马逊雨林覆盖了南美洲亚马逊盆地的大部分地区",
    "th": "ป่าฝนแอมะซอนครอบคลุมพื้นที่ส่วนใหญ่ของลุ่มน้ำแอมะซอนในทวีปอเมริกาใต้",
}


def guarded(text: str) -> Dataset:
    return Dataset.from_dict({"anchor": ["fine", text], "positive": ["fine too", "x"], "group": ["a", "b"]})


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("Did you know? the amazon RAINFOREST, covers most of the Amazon", True),
        ("the amazon rainforest covers most of the", False),  # seven words
        ("我知道亚马逊雨林覆盖了南美洲亚马逊盆地吗", True),
        ("亚马逊雨林覆盖了南美洲", False),
        ("เขาบอกว่าป่าฝนแอมะซอนครอบคลุมพื้นที่ส่วนใหญ่ของลุ่มน้ำ", True),
        ("ป่าฝนแอมะซอนครอบคลุม", False),
    ],
)
def test_the_guard_catches_eight_words_in_any_script(text: str, caught: bool) -> None:
    guard = OverlapGuard(EVALUATION.values())
    found = guard.overlaps(guarded(text))
    assert [(overlap.row, overlap.group, overlap.column) for overlap in found] == (
        [(1, "b", "anchor")] if caught else []
    )


def test_the_guard_refuses_by_name_or_drops(tmp_path: Path) -> None:
    lines(tmp_path / "corpus.jsonl", [{"text": EVALUATION["en"]}])
    guard = OverlapGuard.from_folder(tmp_path)
    rows = guarded(EVALUATION["en"])
    with pytest.raises(
        InputError, match=r"mine: 1 of 2 rows share eight words.*row 1 \(b, anchor\): 'The Amazon rainforest"
    ):
        guard.refuse(rows, name="mine")
    kept, dropped = guard.drop(rows)
    assert kept["group"][:] == ["a"] and [overlap.group for overlap in dropped] == ["b"]
    with pytest.raises(InputError, match="there is no such folder"):
        OverlapGuard.from_folder(tmp_path / "none")


@pytest.mark.shared
def test_the_guard_knows_xquad_r_and_lets_flores_pass() -> None:
    guard = OverlapGuard.from_folder(SHARED / "xquad-r")
    context = json.loads((SHARED / "xquad-r" / "el.json").read_text())["data"][0]["paragraphs"][0]["context"]
    assert len(guard.overlaps(guarded(context))) == 1
    groups = read_groups(SHARED / "translations.parquet", sources=["flores200"], languages=["en", "el"])
    rows = Dataset.from_dict({"anchor": groups.texts, "group": [""] * len(groups.texts)})
    assert guard.overlaps(rows) == []


def test_rows_read_fast_are_the_rows(translations: Path) -> None:
    part = assemble([translation_pairs(read_groups(translations), seed=0)])["cross/de-en"]
    assert isinstance(part, RowDataset)
    usual = Dataset(part.data)
    assert [part[row] for row in range(len(part))] == usual.to_list()
    assert part[-1] == usual[-1] and part[3:5] == usual[3:5] and part["anchor"][2] == usual[2]["anchor"]
    with pytest.raises(IndexError):
        part[len(part)]
    fewer = part.remove_columns("group")
    assert fewer[0] == {key: value for key, value in usual[0].items() if key != "group"}
    assert part.select([5, 1])[0] == usual[5] and part.with_format("arrow")[1].num_rows == 1
    assert concatenate_datasets([part, part])[len(part) + 2] == usual[2]
    for twin in (copy.deepcopy(part), pickle.loads(pickle.dumps(part))):
        assert twin[4] == usual[4]


def test_a_batch_larger_than_the_data_names_the_key_and_what_fits() -> None:
    rows = Dataset.from_dict(
        {
            "anchor": ["a", "c", "e"],
            "positive": ["b", "d", "f"],
            "group": ["g1", "g2", "g3"],
            "query_language": ["de", "de", "fr"],
            "passage_language": ["de", "de", "fr"],
            "source": ["s", "s", "s"],
        }
    )
    with pytest.raises(
        InputError, match=r"batch.size \(or batch.least\) is 5; expected at most 2, the groups of mono/de"
    ):
        assemble([rows], least=5)
