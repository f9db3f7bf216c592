from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from training_support import static_model

from searchapp.errors import ConfigurationError, InputError
from searchapp.statistics.estimates import Estimate
from training.datasets import assemble
from training.datasets.translations import part_pairs, read_groups, translation_pairs
from training.study.__main__ import _same_settings
from training.study.data import Content, fine_tuning
from training.study.encoder import StudyEncoder, TokenCache
from training.study.fitting import save_start, warm_start
from training.study.report import write_report
from training.study.runs import Bench, Run, plan
from training.study.settings import LANGUAGES, Settings
from training.trainer.validation import held_out_task

SMALL = Settings(
    dimensions=(8, 16), seeds=(0, 1), alphas=(0.25,), sweep_dimension=16, batch=16, steps=8, start_batch=16, start_steps=20
)  # fmt: skip


def test_intervals_are_student_s() -> None:
    estimate = Estimate.of([0.1, 0.2, 0.3])
    assert estimate.mean == pytest.approx(0.2) and estimate.half == pytest.approx(4.3027 * 0.1 / math.sqrt(3), rel=1e-4)
    assert not estimate.clear and Estimate.of([0.20, 0.21, 0.22]).clear
    assert estimate.show(3) == ".200 ± .248" and Estimate.of([1234.5]).show(0) == "1,234"


def test_the_plan_is_the_whole_grid_and_a_sweep() -> None:
    runs = plan(Settings())
    grid = [run for run in runs if run.strategy in ("x-x", "x-x-mono", "x-y", "hybrid")]
    assert len(grid) == 4 * 2 * 3 * 3 and len({run.name for run in runs}) == len(runs)
    assert {run.alpha for run in runs if run.strategy == "alpha"} == {0.25, 0.75}
    first = [run.seed for run in runs]
    assert first == sorted(first)  # whole comparisons first


def test_an_encoder_of_the_study_is_the_model_with_contexts_added(tokenizer) -> None:
    import numpy as np

    model = static_model(tokenizer)
    encoder = StudyEncoder(model, TokenCache(tokenizer), context_weight=0.5)
    texts, contexts = ["house river", "bread moon"], ["house river bread", ""]
    plain = model.encode(texts, normalize_embeddings=True)
    assert np.allclose(encoder.encode_queries(texts), plain, atol=1e-6)
    around = model.encode(contexts[:1], normalize_embeddings=True)[0]
    expected = plain[0] + 0.5 * around
    found = encoder.encode_passages(texts, contexts=contexts)
    assert np.allclose(found[0], expected / np.linalg.norm(expected), atol=1e-6) and np.allclose(
        found[1], plain[1], atol=1e-6
    )


def test_both_kinds_of_rows_have_the_same_content(translations: Path) -> None:
    rows = fine_tuning(read_groups(translations), seed=0)
    mono = sorted(text for key, part in rows.items() if key.startswith("mono") for text in part["anchor"])
    cross = sorted(text for key, part in rows.items() if key.startswith("cross") for text in part["anchor"])
    assert mono == cross and len(mono) == 600


def test_runs_are_done_once_and_reported(tmp_path: Path, translations: Path, tokenizer) -> None:
    groups = read_groups(translations)
    pairs = part_pairs(groups, seed=1, kinds=("mono",))
    task = held_out_task(pairs.select(range(150)), queries=60, seed=0)
    start = assemble([translation_pairs(groups, seed=0), pairs], least=16)
    content = Content(start=start, groups=groups, development=task, dropped={})
    bench = Bench(settings=SMALL, content=content, task=task, cache=TokenCache(tokenizer), folder=tmp_path)
    (tmp_path / "runs").mkdir()
    save_start(warm_start(SMALL, content, tokenizer, dimension=16), tmp_path / "start-16")
    runs = [run for run in plan(SMALL) if run.strategy in ("start", "x-y", "hybrid", "alpha") and run.dimension == 16]
    done = [bench.execute(run) for run in runs]
    hybrid = next(result for result in done if result["strategy"] == "hybrid")
    assert hybrid["mixture"]["alpha"] == pytest.approx(0.5, abs=0.2)
    assert {"Mo", "Cr", "Mul", "rank distance"} <= set(hybrid["xquad_r"])
    marked = tmp_path / "runs" / f"{runs[0].name}.json"
    marked.write_text(json.dumps({**done[0], "seconds": -1}))
    assert bench.execute(runs[0])["seconds"] == -1  # read, not done again

    # The report speaks of XQuAD-R's languages: the tiny task has three of them.
    for path in (tmp_path / "runs").glob("*.json"):
        result = json.loads(path.read_text())
        for values in result["xquad_r"].values():
            values.update({code: values["mean"] for code in LANGUAGES if code not in values})
        path.write_text(json.dumps(result))
    (tmp_path / "settings.json").write_text(json.dumps({"sweep_dimension": 16}))
    write_report(tmp_path, tmp_path / "report")
    tables = (tmp_path / "report" / "tables.md").read_text()
    for words in ("| 16 | hybrid | on | 2 |", "hybrid − x-y", "el (zero-shot)", "| 0.25 | 2 |", "warm start"):
        assert words in tables
    assert all((tmp_path / "report" / name).stat().st_size > 10_000 for name in ("sizes.png", "alpha.png"))


def test_runs_of_other_settings_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    _same_settings(Settings(), path)
    _same_settings(Settings(seeds=(0, 1, 2, 3)), path)
    with pytest.raises(ConfigurationError, match="has other rate, steps"):
        _same_settings(Settings(rate=1.0, steps=1), path)
    (tmp_path / "runs").mkdir()
    with pytest.raises(InputError, match="no run is done there"):
        write_report(tmp_path, tmp_path)
    assert Run("alpha", 0.25, False, 16, 3).name == "alpha0.25-plain-16-3"
