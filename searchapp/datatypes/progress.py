"""Define the progress of long tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a long task, such as a build, an evaluation or a training run.

    Attributes:
        stage: Current stage, such as `indexing`.
        fraction: Share of the stage that is done, in [0, 1]; None if unknown.
        counts: Named figures in display order: `{"documents": 10, "passages": 25}`.
    """

    stage: str
    fraction: float | None = None
    counts: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, stage: str, done: int, total: int, *, unit: str) -> Progress:
        """Create the progress of a task with a known number of items.

        Args:
            stage: Current stage.
            done: Number of items done.
            total: Number of all items.
            unit: Name of the items, such as `queries`.
        """
        return cls(stage, done / total if total else None, {unit: done})

    @property
    def detail(self) -> str:
        """Format the counts for people: `10 documents, 25 passages`; fractional figures as `loss 0.1234`."""
        return ", ".join(
            f"{name} {value:.4f}" if isinstance(value, float) else f"{value:,} {name}"
            for name, value in self.counts.items()
        )


Tell: TypeAlias = Callable[[Progress], None]
"""Receives progress in the working thread, at most a few times a second."""
