"""Store the results of an evaluation: `results.json`, and a compressed file for per-query values."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from searchapp.errors import InputError, UnreadableFileError
from searchapp.evaluation.measures import Values
from searchapp.files.arrays import Kind, read_arrays

FORMAT = 1
RESULTS_FILE = "results.json"
QUERIES_FILE = "queries.npz"
VALUE = "value:"
"""Prefix of the per-query values' names in the file."""
PER_QUERY = {name: Kind("U", 1) for name in ("qids", "languages", "groups")} | {f"{VALUE}*": Kind("f", 1, finite=False)}
"""Arrays of the file of per-query values."""
MEAN = "mean"
"""Key of a figure's mean over languages, next to the language codes."""


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """The evaluated task; figures with equal digests are comparable."""

    name: str
    digest: str
    queries: int
    passages: int
    golds: int
    query_languages: tuple[str, ...]
    passage_languages: tuple[str, ...]
    main_measure: str

    @property
    def asked(self) -> str:
        """Describe the number of queries, their languages, and the mixtures of languages."""
        single = {code for name in self.query_languages for code in name.split("+")}
        mixed = sum("+" in name for name in self.query_languages)
        mixtures = f" and {mixed} {'mixture' if mixed == 1 else 'mixtures'} of them" if mixed else ""
        return f"{self.queries:,} queries in {len(single)} languages{mixtures}"


@dataclass(frozen=True, slots=True)
class System:
    """The evaluated system.

    Attributes:
        kind: `encoder`, `collection` or `run`.
        name: Name of the encoder, collection or run.
        fingerprint: Fingerprint of the encoder, or the collection's version.
        settings: Other settings that change the figures, such as whether contexts were encoded.
    """

    kind: str
    name: str
    fingerprint: str = ""
    dimension: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Figures by query language (rows) and passage language (columns); None if there is nothing to measure."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]

    @classmethod
    def of(cls, rows: Sequence[str], columns: Sequence[str], values: Values) -> Matrix:
        """Create a matrix from an array.

        Args:
            rows: Query languages.
            columns: Passage languages.
            values: (rows, columns) figures; NaN if there is nothing to measure.
        """
        cells = tuple(tuple(finite(value) for value in line) for line in values)
        return cls(rows=tuple(rows), columns=tuple(columns), values=cells)

    def array(self) -> Values:
        """Return the values as an array (rows, columns); NaN for None."""
        filled = [[math.nan if value is None else value for value in line] for line in self.values]
        return np.array(filled, dtype=np.float64).reshape(len(self.rows), len(self.columns))


@dataclass(frozen=True, slots=True)
class PerQuery:
    """Values query by query, for significance tests.

    Attributes:
        qids: (queries,).
        languages: (queries,) as in the figures.
        groups: (queries,) equal for translations of one query; empty if there are none.
        values: Name of the measure -> (queries,); NaN if undefined.
    """

    qids: tuple[str, ...]
    languages: tuple[str, ...]
    groups: tuple[str, ...]
    values: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Results:
    """All results of an evaluation.

    Attributes:
        figures: Setting (`Mo`, `Cr`, `Mul`) -> query language or `mean` -> measure -> value.
        bias: Measure of language bias -> query language or `mean` -> value.
        unbiased: Bias measure -> value of an unbiased ranking, if known.
        matrices: Figures by query language and passage language.
        robustness: Kind of query (monolingual, spliced, code-switched) -> measure -> value.
        stages: Stage of the pipeline -> measure -> value, in the order of the pipeline.
        notes: What a reader must know to judge the figures.
        timings: Seconds by stage.
        environment: Machine and versions.
    """

    task: TaskSummary
    system: System
    figures: Mapping[str, Mapping[str, Mapping[str, float]]]
    bias: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    unbiased: Mapping[str, float] = field(default_factory=dict)
    matrices: Mapping[str, Matrix] = field(default_factory=dict)
    robustness: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    stages: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    created: str = ""
    format: int = FORMAT

    def figure(self, setting: str, measure: str, language: str = MEAN) -> float | None:
        """Return one figure; None if it was not computed.

        Args:
            setting: `Mo`, `Cr` or `Mul`.
            measure: Name of a measure, such as `mAP`.
            language: Query language, or `mean` for the mean over languages.
        """
        return self.figures.get(setting, {}).get(language, {}).get(measure)

    @property
    def main(self) -> tuple[str, float] | None:
        """Return the setting and value of the task's main measure: Mul if available, else another setting."""
        for setting in ("Mul", "Cr", "Mo"):
            value = self.figure(setting, self.task.main_measure)
            if value is not None:
                return setting, value
        return None

    def to_json(self) -> str:
        """Serialise to JSON without NaN."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, *, origin: str = RESULTS_FILE) -> Results:
        """Parse the content of a `results.json`.

        Args:
            text: The JSON text.
            origin: Path or name of the file, for messages.

        Raises:
            InputError: The text is damaged or has another format.
        """
        try:
            raw = json.loads(text)
            if raw["format"] != FORMAT:
                raise InputError(f"results of format {raw['format']}, expected {FORMAT}: evaluate again", path=origin)
            values = {item.name: raw[item.name] for item in fields(cls) if item.name in raw}
            values["task"] = TaskSummary(**{key: _tuple(value) for key, value in raw["task"].items()})
            values["system"] = System(**raw["system"])
            values["notes"] = tuple(raw.get("notes", ()))
            values["matrices"] = {
                name: Matrix(
                    rows=tuple(matrix["rows"]),
                    columns=tuple(matrix["columns"]),
                    values=tuple(tuple(line) for line in matrix["values"]),
                )
                for name, matrix in raw.get("matrices", {}).items()
            }
            return cls(**values)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"not results of an evaluation ({error!r})", path=origin) from error


def save_results(results: Results, folder: Path, *, per_query: PerQuery | None = None) -> Path:
    """Write `results.json` and the values by query next to it; return the path of `results.json`.

    Args:
        results: Results of one evaluation.
        folder: Folder to write to, created if missing.
        per_query: Values by query; None to write only `results.json`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / RESULTS_FILE
    path.write_text(results.to_json() + "\n", encoding="utf-8")
    if per_query is not None:
        values = {f"{VALUE}{name}": np.asarray(array, dtype=np.float32) for name, array in per_query.values.items()}
        keys = {"qids": per_query.qids, "languages": per_query.languages, "groups": per_query.groups}
        arrays: dict[str, Any] = {**{name: np.array(items, dtype=str) for name, items in keys.items()}, **values}
        np.savez_compressed(folder / QUERIES_FILE, **arrays)
    return path


def load_results(path: Path) -> Results:
    """Read a `results.json`.

    Args:
        path: The file, or its folder.

    Raises:
        InputError: The file is missing, damaged or of another format.
    """
    file = path / RESULTS_FILE if path.is_dir() else path
    try:
        return Results.from_json(file.read_text(encoding="utf-8"), origin=str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"no results to read ({error}); write them with: searchapp eval encoder … --output", path=file
        ) from error


def load_per_query(path: Path) -> PerQuery:
    """Read the values by query that are stored next to a `results.json`.

    Args:
        path: The `results.json`, or its folder.

    Raises:
        InputError: The file is missing or damaged.
    """
    file = (path if path.is_dir() else path.parent) / QUERIES_FILE
    try:
        arrays = read_arrays(file, PER_QUERY, packed=True)
    except UnreadableFileError as error:
        raise InputError(f"no per-query values to read ({error.reason}); evaluate again", path=file) from error
    values = {name.removeprefix(VALUE): array for name, array in arrays.items() if name.startswith(VALUE)}
    count = len(arrays["qids"])
    for name, found, fits in (
        *((name, array, (count,)) for name, array in values.items()),
        ("languages", arrays["languages"], (count,)),
        ("groups", arrays["groups"], (count,) if len(arrays["groups"]) else (0,)),
    ):
        if found.shape != fits:
            raise InputError(f"{name}: {found.shape} values for {count:,} queries; evaluate again", path=file)
    return PerQuery(
        qids=tuple(arrays["qids"].tolist()),
        languages=tuple(arrays["languages"].tolist()),
        groups=tuple(arrays["groups"].tolist()),
        values={name: array.astype(np.float64) for name, array in values.items()},
    )


def environment() -> dict[str, str]:
    """Return the machine and the versions that figures and timings may depend on."""
    found = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": str(os.cpu_count() or 0),
        "numpy": np.__version__,
    }
    for package in ("searchapp", "tokenizers", "sentence-transformers", "torch", "qdrant-edge-py"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def now() -> str:
    """Return the current time in UTC, ISO 8601."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def finite(value: float) -> float | None:
    """Convert a number to a plain float, and NaN and infinity, which JSON lacks, to None.

    Args:
        value: A number of Python or NumPy.
    """
    number = float(value)
    return number if math.isfinite(number) else None


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
