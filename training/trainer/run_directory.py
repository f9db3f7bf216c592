"""Manage the directory of a run: configuration, environment, log, checkpoints and model."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from searchapp.errors import ConfigurationError
from searchapp.files.json_file import read_json, write_json
from searchapp.files.json_log import read_log
from searchapp.files.replacing import replaced

CONFIG = "config.json"
METRICS = "metrics.jsonl"
COMPLETE = "complete.json"
TOKENIZER = "tokenizer.json"
PACKAGES = ("torch", "sentence-transformers", "transformers", "datasets", "accelerate", "tokenizers", "numpy")


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Paths in a run directory.

    `config.json`, `environment.json`, `tokenizer.json` if one was trained, `metrics.jsonl`, `overlaps.jsonl`,
    `tensorboard/`, `checkpoints/` and, at the end, `model/` and `report.json`.
    """

    path: Path

    @property
    def model(self) -> Path:
        """Return the path of the finished model."""
        return self.path / "model"

    @property
    def tokenizer(self) -> Path:
        """Return the path of the tokenizer that the run trained."""
        return self.path / TOKENIZER

    def keep_tokenizer(self, tokenizer: Tokenizer) -> None:
        """Write the tokenizer once, because training it again would give other pieces and a resumed run another model.

        Args:
            tokenizer: Tokenizer that the run trained; ignored if one is already kept.
        """
        if not self.tokenizer.exists():
            with replaced(self.tokenizer) as part:
                tokenizer.save(str(part))

    def check_tokenizer(self, tokenizer: Tokenizer) -> None:
        """Check that a tokenizer is the one that the run began with.

        Args:
            tokenizer: Tokenizer of the prepared model.

        Raises:
            ConfigurationError: It is another one.
        """
        if self.tokenizer.exists() and Tokenizer.from_file(str(self.tokenizer)).to_str() != tokenizer.to_str():
            raise ConfigurationError(
                f"{self.path}: the run began with another tokenizer, {self.tokenizer.name}; prepare the run that goes on "
                "with it: prepare(config, run=the same directory)"
            )

    @property
    def checkpoints(self) -> Path:
        """Return the folder of the run's checkpoints."""
        return self.path / "checkpoints"

    @property
    def metrics(self) -> Path:
        """Return the path of the log, which has one JSON object per entry."""
        return self.path / METRICS

    @property
    def report(self) -> Path:
        """Return the path of the run's report."""
        return self.path / "report.json"

    def open(self, config: Mapping[str, Any], *, writer: bool) -> None:
        """Create the directory, or check that it belongs to a run with the same configuration.

        Args:
            config: The configuration in its recorded form.
            writer: Whether this process writes; the other processes of a distributed run only check.

        Raises:
            ConfigurationError: The run is finished, or was started with another configuration.
        """
        now = json.loads(json.dumps(config))
        file = self.path / CONFIG
        if file.exists():
            before = read_json(file)
            if changed := sorted(_different(before, now)):
                raise ConfigurationError(
                    f"{self.path} contains a run with other {', '.join(changed)}; give another --out, the same "
                    "configuration, or --restart to start again"
                )
            if self.report.exists():
                raise ConfigurationError(
                    f"{self.path} contains a finished run: its model is {self.model}. Give another --out, or --restart"
                )
        if writer:
            self.path.mkdir(parents=True, exist_ok=True)
            write_json(file, now)
            write_json(self.path / "environment.json", environment())

    def last_checkpoint(self, *, writer: bool) -> Path | None:
        """Return the newest complete checkpoint; None if there is none.

        Args:
            writer: Whether this process writes, and so deletes incomplete checkpoints.
        """
        found: list[tuple[int, Path]] = []
        for folder in self.checkpoints.glob("checkpoint-*") if self.checkpoints.is_dir() else ():
            if (folder / COMPLETE).exists():
                found.append((int(folder.name.rpartition("-")[2]), folder))
            elif writer:
                shutil.rmtree(folder, ignore_errors=True)
        return max(found)[1] if found else None

    def forget_metrics_after(self, step: int) -> None:
        """Delete log entries of steps that a resumed run will repeat.

        Args:
            step: Last step to keep; entries without a step are deleted.
        """
        kept = [record for record in read_log(self.metrics) if record.get("step", step + 1) <= step]
        if self.metrics.exists():
            self.metrics.write_text("".join(f"{json.dumps(record)}\n" for record in kept), encoding="utf-8")

    def restart(self) -> None:
        """Delete what an earlier run left here, and nothing else."""
        for folder in (self.model, self.checkpoints, self.path / "tensorboard"):
            shutil.rmtree(folder, ignore_errors=True)
        for name in (CONFIG, METRICS, TOKENIZER, "environment.json", "overlaps.jsonl", "report.json"):
            (self.path / name).unlink(missing_ok=True)


def environment() -> dict[str, Any]:
    """Return versions, machine and git revision."""
    import torch

    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "devices": [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())],
        "processes": int(os.environ.get("WORLD_SIZE", "1")),
        "packages": {name: _version(name) for name in PACKAGES},
        "revision": revision(Path(__file__).parent),
    }


def revision(folder: Path) -> str | None:
    """Return the code's git revision, with `+changes` if files differ from it; None outside a repository.

    Args:
        folder: Folder inside the repository.
    """
    git = shutil.which("git")
    if git is None:
        return None

    def ask(*arguments: str) -> str | None:
        command = [git, "-C", str(folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        return done.stdout.strip() if done.returncode == 0 else None

    head = ask("rev-parse", "HEAD")
    return f"{head}+changes" if head and ask("status", "--porcelain", "--untracked-files=no") else head


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _different(before: Any, now: Any, *, place: str = "") -> set[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        keys = (set(before) | set(now)) - ({"out"} if not place else set())
        inner = (_different(before.get(key), now.get(key), place=f"{place}.{key}".lstrip(".")) for key in keys)
        return set().union(*inner)
    return set() if before == now else {place}
