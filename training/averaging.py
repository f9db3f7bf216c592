"""Average the weights of several runs, or of a run and the model it started from.

Runs with the same start lie in the same valley of the loss, so the mean of their weights is a model, often better than each
(model soups, arXiv 2203.05482). Adding a share of the initial weights recovers what fine-tuning forgot (WiSE-FT, arXiv
2109.01903). It takes no training and costs nothing at inference. Choose among mixtures on held-out rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor

from searchapp.errors import ConfigurationError, InputError

State: TypeAlias = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Mixture:
    """A chosen mixture.

    Attributes:
        members: Name of each model -> its share.
        score: Its score on held-out rows.
        state: Weights of the mixture by name.
    """

    members: dict[str, float]
    score: float
    state: dict[str, Tensor]


def average(states: Sequence[State], shares: Sequence[float] | None = None) -> dict[str, Tensor]:
    """Average the weights of models of one architecture.

    Args:
        states: State dictionaries with the same names and shapes.
        shares: Share of each model, scaled to sum to one; None for equal shares.

    Returns:
        The mean, in each tensor's own type; integers are taken from the first model.

    Raises:
        ConfigurationError: There is no model, or the shares are negative, all zero or wrong in number.
        InputError: Names or shapes differ.
    """
    shares = [1.0] * len(states) if shares is None else list(shares)
    if not states or len(shares) != len(states) or min(shares) < 0 or sum(shares) <= 0:
        raise ConfigurationError(
            f"{len(states)} models and the shares {shares}; expected a share of 0 or more for each, not all zero"
        )
    first, total = states[0], sum(shares)
    for number, state in enumerate(states[1:], start=2):
        if different := sorted(set(first) ^ set(state)):
            raise InputError(f"model {number} differs from the first in the weights it has: {', '.join(different[:5])}")
        if strange := [name for name in first if first[name].shape != state[name].shape]:
            raise InputError(
                f"model {number}: {strange[0]} is {tuple(state[strange[0]].shape)}, "
                f"in the first model {tuple(first[strange[0]].shape)}"
            )
    mean: dict[str, Tensor] = {}
    for name, tensor in first.items():
        if not tensor.is_floating_point():
            mean[name] = tensor.clone()
            continue
        summed = sum((s[name].double() * (share / total) for s, share in zip(states, shares, strict=True)), start=0.0)
        mean[name] = Tensor.to(summed, tensor.dtype)  # type: ignore[arg-type]
    return mean


def greedy_mixture(
    candidates: Mapping[str, State], score: Callable[[State], float], *, start: str | None = None
) -> Mixture:
    """Average models greedily: start with the best, then add each other one, best first, if the mean scores higher.

    Args:
        candidates: Weights of each model, by the model's name.
        score: Measures weights on held-out rows; higher is better. Never use an evaluation set.
        start: Name of a model that is always included; None for the best.

    Raises:
        ConfigurationError: There is no candidate.
    """
    if not candidates:
        raise ConfigurationError("no candidates to average: name at least one")
    alone = {name: score(state) for name, state in candidates.items()}
    order = sorted(alone, key=lambda name: -alone[name])
    first = start if start is not None else order[0]
    members, best, state = [first], alone[first], dict(candidates[first])
    for name in order:
        if name in members:
            continue
        mixed = average([candidates[member] for member in (*members, name)])
        reached = score(mixed)
        if reached > best:
            members, best, state = [*members, name], reached, mixed
    return Mixture(members={name: 1 / len(members) for name in members}, score=best, state=state)


def mix_with_start(
    start: State, tuned: State, score: Callable[[State], float], *, shares: Sequence[float] = (0.0, 0.1, 0.2, 0.3)
) -> Mixture:
    """Choose how much of the initial weights to mix into the fine-tuned ones.

    Args:
        start: Weights before fine-tuning.
        tuned: Weights after fine-tuning.
        score: Measures weights on held-out rows; higher is better. Never use an evaluation set.
        shares: Shares of the initial weights to try.
    """
    tried = []
    for share in shares:
        mixed = average([start, tuned], [share, 1 - share])
        tried.append(Mixture(members={"start": share, "tuned": 1 - share}, score=score(mixed), state=mixed))
    return max(tried, key=lambda mixture: mixture.score)
