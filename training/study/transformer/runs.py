"""Plan and execute the runs of the study one after the other, each logged as a line of JSON."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from searchapp.files.json_log import append_json, read_log
from training.mixing import STRATEGIES
from training.study.transformer.fitting import Fitter
from training.study.transformer.measures import Figures, Measures
from training.study.transformer.model import FlatEncoder
from training.study.transformer.objectives import Objective, ObjectiveLoss, Tables
from training.study.transformer.prepared import load_prepared
from training.study.transformer.settings import Settings

logger = logging.getLogger(__name__)

OTHERS = ("balance", "mean", "lakda", "mimo")
"""Objectives of the additional rows at the middle size, on hybrid batches."""
CUT_SEED = 11


@dataclass(frozen=True, slots=True)
class Run:
    """One fine-tuning.

    Attributes:
        strategy: Name of a mixing of batches.
        layers: Number of layers.
        objective: `retrieval`, or a name in `OTHERS`.
        simcse: Whether SimCSE is added.
        seed: Seed of rows, batches and dropout.
    """

    strategy: str
    layers: int
    objective: str
    simcse: bool
    seed: int

    @property
    def name(self) -> str:
        """Return the name of the run in the log."""
        simcse = "+simcse" if self.simcse else ""
        return f"{self.layers}/{self.strategy}/{self.objective}{simcse}/{self.seed}"


def plan(settings: Settings) -> list[Run]:
    """List all runs with seeds outermost, so that an unfinished study has complete comparisons.

    Args:
        settings: Sizes, seeds and shares to compare.
    """
    runs = []
    for seed in settings.seeds:
        runs += [
            Run(strategy, layers, "retrieval", simcse, seed)
            for layers in sorted(settings.layers, key=lambda layers: layers != settings.middle)
            for simcse in (False, True)
            for strategy in STRATEGIES
        ]
        runs += [Run("hybrid", settings.middle, objective, False, seed) for objective in OTHERS]
        runs += [Run(f"alpha{alpha:g}", settings.middle, "retrieval", False, seed) for alpha in settings.alphas]
    return runs


class Study:
    """Runs the study on one device.

    Args:
        prepared: The file written by `preparing`.
        out: Folder of `runs.jsonl` and `queries/`; finished runs there are not repeated.
        device: `cuda` or `cpu`.
        steps: Fewer steps for a trial; None for those of the settings.
    """

    def __init__(self, prepared: Path, out: Path, *, device: str, steps: int | None = None) -> None:
        self._arrays: dict[str, NDArray[Any]] = load_prepared(prepared)
        about = json.loads(str(self._arrays["about"]))
        settings: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in about["settings"].items()
        }
        self.settings = Settings(**settings)
        self._steps, self._cut_steps = steps or self.settings.steps, steps or self.settings.cut_steps
        self._device = device
        self._precision = torch.bfloat16 if device == "cuda" else torch.float32
        self._out = out
        (out / "queries").mkdir(parents=True, exist_ok=True)
        tokens = {
            name.partition("/")[2]: torch.from_numpy(array.astype(np.int32)).to(device)
            for name, array in self._arrays.items()
            if name.startswith("tokens/")
        }
        self._measures = Measures(self._arrays, tokens, tuple(about["languages"]))
        self._log = _Log(out)
        self._tables = self._make_tables(tokens)
        self._weights: dict[int, tuple[Tensor, Tensor]] = {}
        self._fitters: dict[tuple[int, Objective], tuple[FlatEncoder, Fitter]] = {}

    def execute(self) -> None:
        """Do what is missing: cut bases, choices on held-out rows, then the runs."""
        self._report_base()
        for layers in self.settings.layers:
            self._cut(layers)
        chosen = self._choose()
        runs = plan(self.settings)
        for number, run in enumerate(runs, start=1):
            if self._log.has(run.name):
                continue
            begun = time.perf_counter()
            figures, losses, seconds = self._fine_tune(run, chosen)
            self._log.add(run.name, asdict(run), figures, seconds=seconds, losses=losses, chosen=chosen)
            logger.info(
                "%d/%d %s: Mul %.4f Mo %.4f pool %.4f SciFact %.4f, %.1f s",
                number, len(runs), run.name, *(figures.means[m] for m in ("Mul", "Mo", "pool", "SciFact")),
                time.perf_counter() - begun,
            )  # fmt: skip

    def _fine_tune(self, run: Run, chosen: Mapping[str, float]) -> tuple[Figures, list[float], float]:
        schedule = self._arrays[f"schedule/{run.strategy}/{run.seed}"][: self._steps]
        rate = chosen[f"rate {run.layers}"]
        begun = time.perf_counter()
        if run.objective == "mimo":
            half = len(schedule) // 2
            first, fitter = self._fitter(run.layers, self._objective("mimo-1", run, chosen))
            self._start(first, run.layers)
            losses = fitter.run(schedule[:half], rate=rate, warmup=self.settings.warmup, seed=run.seed)
            encoder, fitter = self._fitter(run.layers, self._objective("mimo-2", run, chosen))
            encoder.load_state_dict(first.state_dict())
            losses += fitter.run(schedule[half:], rate=rate, warmup=self.settings.warmup, seed=run.seed)
        else:
            encoder, fitter = self._fitter(run.layers, self._objective(run.objective, run, chosen))
            self._start(encoder, run.layers)
            losses = fitter.run(schedule, rate=rate, warmup=self.settings.warmup, seed=run.seed)
        seconds = time.perf_counter() - begun
        return self._measures.test(encoder), losses, seconds

    def _objective(self, name: str, run: Run, chosen: Mapping[str, float]) -> Objective:
        return Objective(
            name=name,
            simcse=chosen["simcse"] if run.simcse else 0.0,
            weight=chosen.get(name, 0.0),
            dropout=self.settings.dropout,
        )

    def _fitter(self, layers: int, objective: Objective) -> tuple[FlatEncoder, Fitter]:
        """Return the fitter of a size and objective, creating it on first use: its captured step serves all runs."""
        key = (layers, objective)
        if key not in self._fitters:
            encoder = self._encoder(layers)
            loss = ObjectiveLoss(
                encoder,
                self._tables,
                objective,
                temperature=self.settings.temperature,
                simcse_temperature=self.settings.simcse_temperature,
            )
            most = max(self._steps, self._cut_steps) if objective.name == "cut" else self._steps
            self._fitters[key] = (
                encoder,
                Fitter(encoder, loss, batch=self.settings.batch, most=most, weight_decay=self.settings.weight_decay),
            )
        return self._fitters[key]

    def _encoder(self, layers: int) -> FlatEncoder:
        whole = len(self._arrays["matrices"])
        kept = [(place + 1) * whole // layers - 1 for place in range(layers)]
        return FlatEncoder(self._arrays, kept, device=self._device, precision=self._precision)

    @torch.no_grad()
    def _start(self, encoder: FlatEncoder, layers: int) -> None:
        """Set an encoder to the cut base of its size."""
        matrices, vectors = self._weights[layers]
        encoder.matrices.copy_(matrices)
        encoder.vectors.copy_(vectors)
        encoder.projection.copy_(torch.eye(len(encoder.projection)))

    def _make_tables(self, tokens: Mapping[str, Tensor]) -> Tables:
        base = self._encoder(len(self._arrays["matrices"]))
        queries, passages = base.encode(tokens["queries"]), base.encode(tokens["passages"])
        group = torch.from_numpy(self._arrays["group"].astype(np.int64)).to(self._device)
        inside = group >= 0
        sums = torch.zeros(int(group.max()) + 1, passages.shape[1], device=passages.device)
        sums.index_add_(0, group[inside], passages[inside])
        means = torch.nn.functional.normalize(sums, dim=1)[group.clamp(min=0)] * inside[:, None]
        english = (
            torch.from_numpy(self._arrays[name].astype(np.int64)).to(self._device)
            for name in ("english_query", "english_passage")
        )
        return Tables(tokens["queries"], tokens["passages"], queries, passages, means, *english)

    def _report_base(self) -> None:
        whole = len(self._arrays["matrices"])
        name = f"{whole}/base"
        if not self._log.has(name):
            encoder = self._encoder(whole)
            about = {"strategy": "base", "layers": whole, "objective": "", "simcse": False, "seed": 0}
            self._log.add(name, about, self._measures.test(encoder), development=self._measures.development(encoder))

    def _cut(self, layers: int) -> None:
        """Distil the cut base, or read it from an interrupted study; its figures are the size's row before fine-tuning."""
        path = self._out / f"cut-{layers}.pt"
        if path.exists():
            matrices, vectors = torch.load(path, weights_only=True)
            self._weights[layers] = matrices.to(self._device), vectors.to(self._device)
            return
        encoder, fitter = self._fitter(layers, Objective(name="cut"))
        rng = np.random.default_rng(CUT_SEED)
        rows = self._arrays[f"rows/{self.settings.seeds[0]}"]
        schedule = rows[rng.integers(len(rows), size=(self._cut_steps, self.settings.batch))]
        begun = time.perf_counter()
        losses = fitter.run(schedule, rate=self.settings.cut_rate, warmup=self.settings.warmup, seed=CUT_SEED)
        seconds = time.perf_counter() - begun
        self._weights[layers] = encoder.matrices.detach().clone(), encoder.vectors.detach().clone()
        about = {"strategy": "untuned", "layers": layers, "objective": "cut", "simcse": False, "seed": 0}
        development = self._measures.development(encoder)
        self._log.add(
            f"{layers}/untuned",
            about,
            self._measures.test(encoder),
            seconds=seconds,
            losses=losses[::50],
            development=development,
        )
        torch.save(tuple(weights.cpu() for weights in self._weights[layers]), path)
        logger.info("cut to %d layers: last loss %.4f, held out %s, %.1f s", layers, losses[-1], development, seconds)

    def _choose(self) -> dict[str, float]:
        """Choose the learning rate of each size, then λ and the other weights at the middle one, on held-out rows."""
        chosen: dict[str, float] = {"simcse": 0.0}
        middle = self.settings.middle

        def best(
            key: str, values: tuple[float, ...], layers: int, make: Callable[[float], tuple[Objective, float]]
        ) -> float:
            return max(values, key=lambda value: self._held_out(f"{key}={value:g}", layers, *make(value)))

        for layers in self.settings.layers:
            plain = Objective(dropout=self.settings.dropout)
            chosen[f"rate {layers}"] = best(
                f"choice/rate {layers}",
                self.settings.rates,
                layers,
                lambda rate, plain=plain: (plain, rate),  # type: ignore[misc]
            )
        rate = chosen[f"rate {middle}"]
        for key, values in (
            ("simcse", self.settings.simcse_weights),
            ("balance", self.settings.balance_weights),
            ("mean", self.settings.mean_weights),
        ):
            chosen[key] = best(
                f"choice/{key}",
                values,
                middle,
                lambda value, key=key: (self._weighted(key, value), rate),  # type: ignore[misc]
            )
        logger.info("chosen on held-out rows: %s", chosen)
        return chosen

    def _weighted(self, key: str, value: float) -> Objective:
        if key == "simcse":
            return Objective(simcse=value, dropout=self.settings.dropout)
        return Objective(name=key, weight=value, dropout=self.settings.dropout)

    def _held_out(self, name: str, layers: int, objective: Objective, rate: float) -> float:
        """Fine-tune on hybrid batches of the first seed and measure held-out rows."""
        if not self._log.has(name):
            encoder, fitter = self._fitter(layers, objective)
            self._start(encoder, layers)
            schedule = self._arrays[f"schedule/hybrid/{self.settings.seeds[0]}"][: self._steps]
            fitter.run(schedule, rate=rate, warmup=self.settings.warmup, seed=self.settings.seeds[0])
            self._log.add_choice(name, self._measures.development(encoder))
        return self._log.development(name)


class _Log:
    """Finished runs: a line of JSON each, and their values per query in a file each."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._path = out / "runs.jsonl"
        self._done = {line["name"]: line for line in read_log(self._path)}

    def has(self, name: str) -> bool:
        return name in self._done

    def development(self, name: str) -> float:
        return float(self._done[name]["development"]["mean"])

    def add_choice(self, name: str, development: Mapping[str, float]) -> None:
        self._write({"name": name, "development": _rounded(development)})
        logger.info("%s: %s", name, _rounded(development))

    def add(self, name: str, about: Mapping[str, Any], figures: Figures, **more: Any) -> None:
        file = self._out / "queries" / f"{name.replace('/', '-')}.npz"
        values: dict[str, Any] = {key: value.astype(np.float16) for key, value in figures.queries.items()}
        np.savez_compressed(file, **values)
        self._write(
            {
                "name": name,
                **about,
                "means": _rounded(figures.means),
                "by_language": {key: _rounded(values) for key, values in figures.by_language.items()},
                **more,
            }
        )

    def _write(self, line: dict[str, Any]) -> None:
        append_json(self._path, line)
        self._done[line["name"]] = line


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {key: round(value, 5) for key, value in values.items()}
