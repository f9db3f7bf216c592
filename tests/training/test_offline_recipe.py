"""Run the offline recipe whole. Slow: ten minutes on two quiet cores."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.config import TrainingConfig

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "training/recipes/offline-static.toml"
MARGIN = 0.1
"""Mean average precision on held-out rows that the recipe must add to that of random embeddings."""

pytestmark = pytest.mark.shared


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_offline_recipe_improves_held_out_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from training.trainer.training import prepare, train

    monkeypatch.chdir(ROOT)
    report = train(prepare(TrainingConfig.load(RECIPE)), tmp_path / "run")
    assert report.best["mAP"] > report.before["mAP"] + MARGIN, (report.before, report.best)


def test_the_offline_recipe_needs_no_hub_and_names_files_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    config = TrainingConfig.load(RECIPE)
    assert not config.model.base
    assert Path(config.model.tokenizer).is_file()
    assert all(Path(source.path).is_file() for source in config.data.sources)
