"""Collect what a part of the campaign did and what went wrong, from several threads."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

MOST = 40
"""Maximum faults to keep; the others are only counted."""


@dataclass(slots=True)
class Outcome:
    """Figures by name, and faults in words."""

    figures: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, name: str, number: int = 1) -> None:
        """Add to a figure."""
        with self._lock:
            self.figures[name] += number

    def fault(self, kind: str, details: str) -> None:
        """Record something that must not happen."""
        with self._lock:
            self.figures[kind] += 1
            if len(self.faults) < MOST:
                self.faults.append(f"{kind}: {details}")

    def line(self) -> str:
        """Format the figures, and each fault on a line of its own."""
        figures = ", ".join(f"{count:,} {name}" for name, count in self.figures.items())
        return "\n  ".join([figures, *self.faults])
