"""Draw the rows of one dataset in random order, without end."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np


class Stream:
    """Draws rows in random order, without repetition within a pass; rows that were given back come first.

    Args:
        first: Number of the first row.
        size: Number of rows.
        rng: Shuffles each pass.
    """

    def __init__(self, first: int, size: int, rng: np.random.Generator) -> None:
        self._first = first
        self._size = size
        self._rng = rng
        self._order: list[int] = []
        self._returned: deque[int] = deque()

    @property
    def left(self) -> int:
        """Return the number of rows given back or not yet drawn in this pass."""
        return len(self._order) + len(self._returned)

    def take(self, count: int) -> list[int]:
        """Draw rows, none of them twice; fewer than requested at the end of a pass.

        Args:
            count: Maximum number of rows, 1 or more.
        """
        if self._returned:
            return [self._returned.popleft() for _ in range(min(count, len(self._returned)))]
        if not self._order:
            self._order = (self._first + self._rng.permutation(self._size)).tolist()
        rows = self._order[-count:]
        del self._order[-count:]
        return rows

    def give_back(self, rows: Sequence[int]) -> None:
        """Put rows before all others, in their order.

        Args:
            rows: Numbers of drawn rows that were not used.
        """
        self._returned.extendleft(reversed(rows))
