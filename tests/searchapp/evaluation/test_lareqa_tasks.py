from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from searchapp.errors import InputError
from searchapp.evaluation.tasks.lareqa import load_lareqa
from searchapp.evaluation.tasks.mlqa_r import load_mlqa_r
from searchapp.evaluation.tasks.xquad_r import LANGUAGES, load_xquad_r

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
TOY = ("de", "en", "th")


def edit(path: Path, change) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["data"][0]["paragraphs"])
    path.write_text(json.dumps(content), encoding="utf-8")


def test_every_sentence_is_a_candidate_with_its_context(lareqa_folder: Path) -> None:
    task = load_lareqa(lareqa_folder, name="toy", languages=TOY)
    assert len(task.passages) == 3 * 4
    passage = next(p for p in task.passages if p.id == "0.1.1.en")
    assert passage.text == "Planes land into the wind en."
    assert passage.context == "Wings push air down en. Planes land into the wind en."
    assert (passage.document_id, passage.index) == ("en/0/1", 1)
    query = next(q for q in task.queries if q.id == "p1s1.de")
    assert task.qrels[query.id] == {"0.1.1.de": 1, "0.1.1.en": 1, "0.1.1.th": 1}
    assert query.group == "p1s1"


def test_a_question_that_a_language_lacks_has_fewer_golds(lareqa_folder: Path) -> None:
    edit(lareqa_folder / "th.json", lambda paragraphs: paragraphs[0]["qas"].pop())
    task = load_lareqa(lareqa_folder, name="toy", languages=TOY)
    assert task.qrels["p0s1.de"] == {"0.0.1.de": 1, "0.0.1.en": 1}
    assert len(task.queries) == 11


def test_the_gold_starts_at_or_before_the_answer_and_ends_after_its_start(lareqa_folder: Path) -> None:
    def answer_at_the_next_sentence(paragraphs: list) -> None:
        start = paragraphs[0]["sentence_breaks"][1][0]
        paragraphs[0]["qas"][0]["answers"][0]["answer_start"] = start

    edit(lareqa_folder / "de.json", answer_at_the_next_sentence)
    assert "0.0.1.de" in load_lareqa(lareqa_folder, name="toy", languages=TOY).qrels["p0s0.en"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p[0].pop("sentence_breaks"), 'no list under "sentence_breaks"'),
        (lambda p: p[0].pop("context"), 'no text under "context"'),
        (lambda p: p[0]["sentence_breaks"][0].append(3), "is not a span"),
        (lambda p: p[0]["sentence_breaks"][1].__setitem__(1, 10**6), "is not a span of the context's"),
        (lambda p: p[0]["qas"][0].pop("answers"), "without id, question or answers"),
        (lambda p: p[0]["qas"][0]["answers"][0].update(answer_start=10**6), "in 0 sentences; expected exactly 1"),
    ],
)
def test_damage_is_told_with_its_place(lareqa_folder: Path, change, message: str) -> None:
    edit(lareqa_folder / "en.json", change)
    with pytest.raises(InputError, match=message) as raised:
        load_lareqa(lareqa_folder, name="toy", languages=TOY)
    assert "en.json" in str(raised.value)
    assert "article 0, paragraph 0" in str(raised.value)


def test_missing_files_and_bad_json(lareqa_folder: Path) -> None:
    with pytest.raises(InputError, match=r"no fr.json in this folder, only de.json, en.json, th.json"):
        load_lareqa(lareqa_folder, name="toy", languages=("fr",))
    with pytest.raises(InputError, match="there is no such folder"):
        load_lareqa(lareqa_folder / "nowhere", name="toy", languages=TOY)
    (lareqa_folder / "en.json").write_text('{"data": [', encoding="utf-8")
    with pytest.raises(InputError, match="not readable as JSON"):
        load_lareqa(lareqa_folder, name="toy", languages=TOY)


def test_mlqa_r_has_seven_languages_and_asks_nothing_twice(tmp_path: Path, lareqa_folder: Path) -> None:
    for language in ("ar", "de", "en", "es", "hi", "vi", "zh"):
        shutil.copy(lareqa_folder / "en.json", tmp_path / f"{language}.json")
    task = load_mlqa_r(tmp_path)
    assert task.name == "mlqa-r"
    assert task.query_languages == ("ar", "de", "en", "es", "hi", "vi", "zh")
    edit(tmp_path / "vi.json", lambda paragraphs: paragraphs[0]["qas"][1].update(id="p0s0"))
    with pytest.raises(InputError, match=r"1 query ids occur more than once, such as 'p0s0\.vi'"):
        load_mlqa_r(tmp_path)


def test_xquad_r_refuses_any_other_set(tmp_path: Path, lareqa_folder: Path) -> None:
    for language in LANGUAGES:
        shutil.copy(lareqa_folder / "en.json", tmp_path / f"{language}.json")
    with pytest.raises(InputError, match=r"44 candidate sentences, expected 13,014.*not the published XQuAD-R"):
        load_xquad_r(tmp_path)


@pytest.mark.shared
def test_xquad_r_is_the_published_set() -> None:
    task = load_xquad_r(SHARED / "xquad-r")
    assert len(task.passages) == 13_014
    assert Counter(query.language for query in task.queries) == dict.fromkeys(LANGUAGES, 1_190)
    assert {len(golds) for golds in task.qrels.values()} == {11}
    assert Counter(p.language for p in task.passages)["th"] == 852


@pytest.mark.shared
def test_a_damaged_xquad_r_is_refused(tmp_path: Path) -> None:
    for path in (SHARED / "xquad-r").glob("*.json"):
        shutil.copyfile(path, tmp_path / path.name)
    edit(tmp_path / "tr.json", lambda paragraphs: paragraphs[0]["qas"].pop())
    with pytest.raises(InputError, match=r"1,189 questions in 'tr', expected 1,190"):
        load_xquad_r(tmp_path)
