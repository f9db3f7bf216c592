"""Set the shares of batch kinds, languages and pairs; X-X, X-X-mono, X-Y and hybrid are four such settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from searchapp.errors import ConfigurationError

Strategy: TypeAlias = Literal["x-x", "x-x-mono", "x-y", "hybrid"]
Draw: TypeAlias = Literal["uniform", "size", "temperature"]
Monolingual: TypeAlias = Literal["one-language", "mixed"]


@dataclass(frozen=True, slots=True)
class Mixing:
    """Shares of an epoch's batches.

    Attributes:
        alpha: Share of monolingual batches; the others are cross-lingual (arXiv 2408.10536).
        draw: How languages and pairs are drawn: `uniform`, by `size`, or by size to the power 1 / `temperature`.
        temperature: Temperature of that power; 1 is by size, large values approach uniform.
        monolingual: `one-language` draws one language per monolingual batch, `mixed` all of them in one batch (X-X).
        simcse: Share of batches of single sentences, subtracted before alpha divides the rest.
        batches: Batches per epoch; None for as many as one pass over the rows fills.
    """

    alpha: float = 0.5
    draw: Draw = "uniform"
    temperature: float = 2.0
    monolingual: Monolingual = "one-language"
    simcse: float = 0.0
    batches: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("alpha", self.alpha), ("simcse", self.simcse)):
            if not 0.0 <= value <= 1.0:
                raise ConfigurationError(f"{name} is {value}; expected a share from 0 to 1")
        if self.draw not in get_args(Draw):
            raise ConfigurationError(f"draw is {self.draw!r}; expected one of {', '.join(get_args(Draw))}")
        if self.monolingual not in get_args(Monolingual):
            raise ConfigurationError(
                f"monolingual is {self.monolingual!r}; expected one of {', '.join(get_args(Monolingual))}"
            )
        if not self.temperature > 0:
            raise ConfigurationError(f"temperature is {self.temperature}; expected a number above 0")
        if self.batches is not None and self.batches < 1:
            raise ConfigurationError(f"batches is {self.batches}; expected 1 or more per epoch")

    def shares(self, sizes: Sequence[int]) -> NDArray[np.float64]:
        """Return the shares of sources with these sizes; they sum to 1.

        Args:
            sizes: Numbers of rows of the sources, each above 0.
        """
        power = {"uniform": 0.0, "size": 1.0, "temperature": 1.0 / self.temperature}[self.draw]
        weights = np.asarray(sizes, dtype=np.float64) ** power
        shares: NDArray[np.float64] = weights / weights.sum()
        return shares


STRATEGIES: dict[str, Mixing] = {
    "x-x": Mixing(alpha=1.0, monolingual="mixed"),
    "x-x-mono": Mixing(alpha=1.0),
    "x-y": Mixing(alpha=0.0),
    "hybrid": Mixing(alpha=0.5),
}
"""The batch strategies that the literature compares, by the names used there."""


def apportion(total: int, shares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Divide a number into whole parts by largest remainder, so that an epoch has exactly the requested shares.

    Args:
        total: Number to divide, such as that of the batches.
        shares: Shares of the parts, (parts,), which sum to 1.
    """
    exact = total * shares
    parts = np.floor(exact + 1e-9).astype(np.int64)
    rest = total - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:rest]] += 1
    return parts
