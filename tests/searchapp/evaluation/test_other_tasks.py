from __future__ import annotations

import gzip
import json
from pathlib import Path

import huggingface_hub.constants
import pytest

from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import ConfigurationError, InputError
from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.tasks.beir import load_beir
from searchapp.evaluation.tasks.bitext import load_bitext
from searchapp.evaluation.tasks.loading import load_task
from searchapp.evaluation.tasks.miracl import load_miracl, load_mr_tydi
from searchapp.evaluation.tasks.qrels import load_qrels_task


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def jsonl(*rows: dict) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "toy"
    write(
        folder / "corpus.jsonl",
        jsonl({"_id": "d1", "title": "Tea", "text": "grows"}, {"_id": "d2", "text": "fliegt", "language": "de"}),
    )
    write(
        folder / "queries.jsonl",
        jsonl({"_id": "q1", "text": "tea?"}, {"_id": "d2", "text": "x"}, {"_id": "q9", "text": "y"}),
    )
    write(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nd2\td1\t1\n")
    write(folder / "qrels" / "dev.tsv", "query-id\tcorpus-id\tscore\nq9\td2\t1\n")
    return folder


def test_beir(beir: Path) -> None:
    task = load_beir(beir, language="en")
    assert task.name == "toy"
    assert [query.id for query in task.queries] == ["q1", "d2"]  # q9 has no judgement in this split
    assert [(p.id, p.text, p.language) for p in task.passages] == [("d1", "Tea grows", "en"), ("d2", "fliegt", "de")]
    assert task.qrels["q1"] == {"d1": 2, "d2": 0}
    assert task.excluded == {}  # the query d2 is not the passage d2
    assert [query.id for query in load_beir(beir, split="dev").queries] == ["q9"]
    assert task.main_measure == "nDCG@10"


def test_beir_errors_name_file_and_line(beir: Path) -> None:
    with pytest.raises(InputError, match="no qrels of split train; there is dev, test"):
        load_beir(beir, split="train")
    write(beir / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq1\td7\t1\n")
    with pytest.raises(InputError, match=r"contains none of the relevant passages; the qrels of query 'q1' name 'd7'"):
        load_beir(beir)
    write(beir / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tmany\n")
    with pytest.raises(InputError, match=r"test.tsv:2: relevance 'many' is not a whole number"):
        load_beir(beir)
    write(beir / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nother\td1\t1\n")
    with pytest.raises(InputError, match="none of the 3 queries has a relevant passage"):
        load_beir(beir)
    write(beir / "corpus.jsonl", '{"_id": "d1", "text": "a"}\n{"_id": "d2"}\n')
    with pytest.raises(InputError, match=r"corpus.jsonl:2: an object with _id; expected an object with _id, text"):
        load_beir(beir)
    write(beir / "corpus.jsonl", '{"_id": "d1", "text": "a"}\n{"_id": \n')
    with pytest.raises(InputError, match=r"corpus.jsonl:2: malformed JSON"):
        load_beir(beir)
    (beir / "corpus.jsonl").write_bytes(b'{"_id": "d1", "text": "\xff"}\n')
    with pytest.raises(InputError, match=r"corpus.jsonl:1: byte 0xff at .* is not UTF-8"):
        load_beir(beir)
    write(beir / "corpus.jsonl", jsonl({"_id": "d1", "text": "a"}, {"_id": "d1", "text": "b"}))
    with pytest.raises(InputError, match="1 passage ids occur more than once, such as 'd1'"):
        load_beir(beir)
    (beir / "corpus.jsonl").unlink()
    with pytest.raises(InputError, match="there is no such file; expected a BEIR folder"):
        load_beir(beir)


@pytest.fixture
def miracl(tmp_path: Path) -> Path:
    for language in ("sw", "th"):
        own = tmp_path / "miracl" / f"miracl-v1.0-{language}"
        write(own / "topics" / f"topics.miracl-v1.0-{language}-dev.tsv", f"1\twhat {language}?\n2\tand?\n")
        write(own / "qrels" / f"qrels.miracl-v1.0-{language}-dev.tsv", "1 Q0 7#0 1\n1 Q0 7#1 0\n2 Q0 7#1 1\n")
        write(
            tmp_path / "corpus" / f"miracl-corpus-v1.0-{language}" / "docs-0.jsonl.gz",
            jsonl({"docid": "7#0", "title": "T", "text": f"in {language}"}, {"docid": "7#1", "title": "", "text": "b"}),
        )
    return tmp_path


def test_miracl_of_one_language_keeps_its_ids(miracl: Path) -> None:
    task = load_miracl([miracl / "miracl", miracl / "corpus"], languages=["sw"])
    assert [(p.id, p.text) for p in task.passages] == [("7#0", "T\nin sw"), ("7#1", "b")]
    assert task.qrels == {"1": {"7#0": 1, "7#1": 0}, "2": {"7#1": 1}}
    assert task.query_languages == ("sw",)


def test_miracl_of_two_languages_is_one_pool(miracl: Path) -> None:
    task = load_miracl([miracl], languages=["sw", "th"])
    assert len(task.passages) == 4
    assert task.qrels["th-1"] == {"th-7#0": 1, "th-7#1": 0}


def test_miracl_errors(miracl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="MIRACL has no el; choose from ar, bn"):
        load_miracl([miracl], languages=["el"])
    with pytest.raises(InputError, match=r"no folder miracl-v1.0-fi here"):
        load_miracl([miracl], languages=["fi"])
    with pytest.raises(InputError, match=r"topics.miracl-v1.0-sw-train.tsv: there is no such file"):
        load_miracl([miracl], languages=["sw"], split="train")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match=r"miracl/miracl cannot be fetched from the Hub .*--data"):
        load_task("miracl", languages=["sw"])


def test_mr_tydi_as_archived_and_as_on_the_hub(tmp_path: Path) -> None:
    archive = tmp_path / "archive" / "mrtydi-v1.1-swahili"
    write(archive / "topic.test.tsv", "3\tnani?\n")
    write(archive / "qrels.test.txt", "3 Q0 9#1 1\n")
    write(
        archive / "collection" / "docs.jsonl.gz", jsonl({"id": "9#0", "contents": "a"}, {"id": "9#1", "contents": "b"})
    )
    hub = tmp_path / "hub" / "mrtydi-v1.1-swahili"
    row = {"query_id": "3", "query": "nani?", "positive_passages": [{"docid": "9#1"}], "negative_passages": []}
    write(hub / "test.jsonl.gz", jsonl(row))
    write(
        tmp_path / "hub-corpus" / "mrtydi-v1.1-swahili" / "corpus.jsonl.gz",
        jsonl({"docid": "9#0", "title": "", "text": "a"}, {"docid": "9#1", "title": "", "text": "b"}),
    )
    first = load_mr_tydi([tmp_path / "archive"], languages=["sw"])
    second = load_mr_tydi([tmp_path / "hub", tmp_path / "hub-corpus"], languages=["sw"])
    assert first.digest == second.digest
    assert first.qrels == {"3": {"9#1": 1}}
    with pytest.raises(InputError, match="no corpus files"):
        load_mr_tydi([tmp_path / "hub"], languages=["sw"])


def test_bitext_asks_in_both_directions_and_never_finds_itself(tmp_path: Path) -> None:
    write(tmp_path / "tatoeba.deu-eng.deu", "Hallo.\nTee?\n")
    write(tmp_path / "tatoeba.deu-eng.eng", "Hello.\nTea?\n")
    task = load_bitext(tmp_path, pair="deu-eng")
    assert task.query_languages == task.passage_languages == ("de", "en")
    assert task.qrels["1.deu"] == {"1.eng": 1}
    assert task.qrels["0.eng"] == {"0.deu": 1}
    assert task.excluded["0.eng"] == {"0.eng"}
    write(tmp_path / "tatoeba.deu-eng.eng", "Hello.\n")
    with pytest.raises(InputError, match="not aligned: 2 lines of deu, 1 lines of eng"):
        load_bitext(tmp_path, pair="deu-eng")
    write(tmp_path / "tatoeba.deu-eng.eng", "Hello.\n\nTea?\n")
    with pytest.raises(InputError, match="blank lines"):
        load_bitext(tmp_path, pair="deu-eng")
    with pytest.raises(InputError, match="0 files match"):
        load_bitext(tmp_path, pair="fra-eng")
    with pytest.raises(InputError, match="not a language pair"):
        load_bitext(tmp_path, pair="deu")


def test_own_judgements(tmp_path: Path) -> None:
    write(tmp_path / "queries.tsv", "q1\twas?\tde\nq2\twhat?\ten\n")
    write(tmp_path / "qrels.txt", "q1 0 p1 1\nq2 0 p2 3\n")
    task = load_qrels_task(tmp_path)
    assert [(p.id, p.text) for p in task.passages] == [("p1", ""), ("p2", "")]
    assert [query.language for query in task.queries] == ["de", "en"]
    write(
        tmp_path / "corpus.jsonl",
        jsonl({"id": "p1", "text": "a", "language": "de"}, {"id": "p2", "text": "b", "context": "c"}),
    )
    assert load_qrels_task(tmp_path).passages[1].context == "c"
    (tmp_path / "queries.tsv").unlink()
    write(tmp_path / "queries.jsonl", jsonl({"id": "q1", "text": "a", "languages": ["de", "en"], "group": "g"}))
    query = load_qrels_task(tmp_path).queries[0]
    assert (query.language, query.group) == ("de+en", "g")
    write(tmp_path / "queries.jsonl", jsonl({"text": "a"}))
    with pytest.raises(InputError, match=r"queries.jsonl:1: an object with text; expected an id"):
        load_qrels_task(tmp_path)
    write(tmp_path / "qrels.txt", "q1 p1\n")
    with pytest.raises(InputError, match=r"qrels.txt:1: 2 cells, expected"):
        load_qrels_task(tmp_path)


def test_tasks_by_name(tmp_path: Path, beir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_task("beir", beir).name == "toy"
    assert load_task("beir", places=[tmp_path / "none", tmp_path.joinpath("toy", "..")], data=beir).name == "toy"
    with pytest.raises(ConfigurationError, match="unknown task 'squad'; choose from xquad-r"):
        load_task("squad", beir)
    with pytest.raises(ConfigurationError, match="miracl needs the languages"):
        load_task("miracl", beir)
    with pytest.raises(ConfigurationError, match="bitext needs one pair"):
        load_task("bitext", beir)
    with pytest.raises(InputError, match="no data for mlqa-r: looked in"):
        load_task("mlqa-r", places=[tmp_path])
    with pytest.raises(InputError, match="there is no such folder; beir reads a BEIR folder"):
        load_task("beir", tmp_path / "nowhere")


def test_beir_excludes_a_passage_only_where_it_is_the_query(beir: Path) -> None:
    rows = [{"_id": "q1", "text": "FLIEGT "}, {"_id": "d1", "text": "Tea grows"}, {"_id": "d2", "text": "fliegt"}]
    write(beir / "queries.jsonl", jsonl(*rows))
    write(beir / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nd1\td2\t1\nd2\td1\t1\n")
    assert load_beir(beir).excluded == {"d1": frozenset({"d1"}), "d2": frozenset({"d2"})}


def test_golds_that_the_corpus_lacks_are_never_found(beir: Path) -> None:
    write(beir / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td7\t1\nd2\td8\t1\n")
    task = load_beir(beir)
    assert task.missing == {"q1": {"d7": 1}, "d2": {"d8": 1}}
    evaluation = evaluate_encoder(task, HashingEncoder(), measures=("R@10", "nDCG@10", "RR@10", "mAP"))
    found = dict(zip(evaluation.per_query.qids, evaluation.per_query.values["Mul R@10"], strict=True))
    assert found == {"q1": 0.5, "d2": 0.0}
    assert evaluation.per_query.values["Mul RR@10"][1] == evaluation.per_query.values["Mul mAP"][1] == 0.0
    assert any("2 relevant passages of 2 queries are not in the corpus" in note for note in evaluation.results.notes)


@pytest.mark.parametrize(
    "qrels",
    [
        "query-id\tcorpus-id\tscore\nq1\td1\t1.0\n",
        "corpus-id\tscore\tquery-id\nd1\t1\tq1\n",
        "score\tquery_id\tcorpus_id\n1\tq1\td1\n",
        "q1\td1\t1\nq1\td1\t0\n",
        "q1 0 d1 1\n",
    ],
)
def test_judgements_as_people_write_them(beir: Path, qrels: str) -> None:
    write(beir / "qrels" / "test.tsv", qrels)
    assert load_beir(beir).qrels == {"q1": {"d1": 1}}


def test_the_language_of_a_task_that_does_not_say_it(beir: Path) -> None:
    texts = [f"The number of tea leaves in cup {n} was measured early in the morning." for n in range(20)]
    write(
        beir / "corpus.jsonl",
        jsonl({"_id": "d1", "text": "NaCl 0.9%"}, *({"_id": f"x{n}", "text": t} for n, t in enumerate(texts))),
    )
    write(beir / "queries.jsonl", jsonl({"_id": "q1", "text": "NaCl"}, {"_id": "q2", "text": "Tee", "language": "deu"}))
    write(beir / "qrels" / "test.tsv", "q1\td1\t1\nq2\td1\t1\n")
    task = load_beir(beir)
    assert {passage.language for passage in task.passages} == {"en"}
    assert [query.language for query in task.queries] == ["en", "de"]
