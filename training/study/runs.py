"""Plan and execute the runs of the study."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sentence_transformers import SentenceTransformer

from searchapp.evaluation.biases import LPR, RANK_DISTANCE
from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.results import Results
from searchapp.evaluation.tasks.base import RetrievalTask
from searchapp.files.json_file import read_json, write_json
from training.mixing import STRATEGIES, Mixing
from training.study.data import Content, fine_tuning
from training.study.encoder import StudyEncoder, TokenCache
from training.study.fitting import fine_tune
from training.study.settings import Settings

QUALITY = ("Mo", "Cr", "Mul")


@dataclass(frozen=True, slots=True)
class Run:
    """One fine-tuning.

    Attributes:
        strategy: A name in `STRATEGIES`, or `alpha` for a point of the sweep; `start` is the warm start, untrained.
        alpha: Share of monolingual batches.
    """

    strategy: str
    alpha: float
    simcse: bool
    dimension: int
    seed: int

    @property
    def name(self) -> str:
        """Return the name of the run's file without its ending."""
        strategy = f"alpha{self.alpha:g}" if self.strategy == "alpha" else self.strategy
        return f"{strategy}-{'simcse' if self.simcse else 'plain'}-{self.dimension}-{self.seed}"

    @property
    def mixing(self) -> Mixing:
        """Return the shares of the run's batches."""
        return Mixing(alpha=self.alpha) if self.strategy == "alpha" else STRATEGIES[self.strategy]


def plan(settings: Settings) -> list[Run]:
    """List all runs with seeds outermost, so that an unfinished study has complete comparisons.

    Args:
        settings: Dimensions, seeds and shares to compare.
    """
    runs = [Run("start", 0.0, False, dimension, 0) for dimension in settings.dimensions]
    for seed in settings.seeds:
        runs += [
            Run(strategy, mixing.alpha, simcse, dimension, seed)
            for dimension in settings.dimensions
            for strategy, mixing in STRATEGIES.items()
            for simcse in (False, True)
        ]
        runs += [Run("alpha", alpha, False, settings.sweep_dimension, seed) for alpha in settings.alphas]
    return runs


@dataclass(frozen=True, slots=True)
class Bench:
    """What every run needs: settings, content, the evaluation, and the folder of the study."""

    settings: Settings
    content: Content
    task: RetrievalTask
    cache: TokenCache
    folder: Path

    def execute(self, run: Run) -> dict[str, Any]:
        """Fine-tune, measure and write the result; an existing result is read instead.

        Args:
            run: Run to execute; the warm start of its dimension must exist.
        """
        path = self.folder / "runs" / f"{run.name}.json"
        if path.exists():
            done: dict[str, Any] = read_json(path)
            return done
        begun = time.perf_counter()
        model = SentenceTransformer(str(self.folder / f"start-{run.dimension}"), device="cpu")
        mixture: Mapping[str, Any] = {}
        if run.strategy != "start":
            mixture = fine_tune(
                model,
                fine_tuning(self.content.groups, seed=run.seed),
                self.settings,
                mixing=run.mixing,
                simcse_weight=self.settings.simcse_weight if run.simcse else 0.0,
                seed=run.seed,
            )
        trained = time.perf_counter() - begun
        encoder = StudyEncoder(model, self.cache, context_weight=self.settings.context_weight)
        result = {
            **asdict(run),
            "train_seconds": round(trained, 1),
            "mixture": {key: mixture[key] for key in ("alpha", "batches") if key in mixture},
            "development": figures_of(evaluate_encoder(self.content.development, encoder).results),
            "xquad_r": figures_of(evaluate_encoder(self.task, encoder).results),
            "seconds": round(time.perf_counter() - begun, 1),
        }
        write_json(path, result)
        return result


def figures_of(results: Results) -> dict[str, dict[str, float]]:
    """Return mAP by setting, and bias, each by language and as `mean`.

    Args:
        results: Results of an evaluation by language; bias measures that are missing are left out.
    """
    found = {
        setting: {language: values["mAP"] for language, values in results.figures[setting].items()}
        for setting in QUALITY
        if setting in results.figures
    }
    return found | {name: dict(results.bias[name]) for name in (RANK_DISTANCE, LPR) if name in results.bias}
