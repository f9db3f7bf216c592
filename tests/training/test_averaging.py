from __future__ import annotations

import pytest
import torch

from searchapp.errors import ConfigurationError, InputError
from training.averaging import average, greedy_mixture, mix_with_start


def _state(value: float) -> dict[str, torch.Tensor]:
    return {"w": torch.full((2,), value), "n": torch.tensor(3)}


def test_shares_weigh_models_and_integers_come_from_the_first() -> None:
    mean = average([_state(1.0), _state(4.0)], [2.0, 1.0])
    assert torch.allclose(mean["w"], torch.tensor(2.0))
    assert mean["n"].item() == 3
    assert average([{"w": torch.ones(1).half()}, {"w": torch.zeros(1).half()}])["w"].dtype == torch.float16


def test_models_that_differ_are_refused() -> None:
    with pytest.raises(InputError, match="weights it has: n"):
        average([_state(1.0), {"w": torch.zeros(2)}])
    with pytest.raises(InputError, match="w is \\(3,\\)"):
        average([{"w": torch.zeros(2)}, {"w": torch.zeros(3)}])


@pytest.mark.parametrize("shares", [[1.0], [0.0, 0.0], [-1.0, 2.0]])
def test_shares_that_make_no_mean_are_refused(shares: list[float]) -> None:
    with pytest.raises(ConfigurationError, match="expected a share"):
        average([_state(1.0), _state(2.0)], shares)


def test_the_greedy_mixture_takes_only_what_helps() -> None:
    states = {"low": _state(0.0), "high": _state(4.0), "far": _state(20.0)}
    mixture = greedy_mixture(states, lambda state: -abs(float(state["w"][0]) - 2.0))
    assert mixture.members == {"low": 0.5, "high": 0.5}
    assert mixture.score == 0.0
    with pytest.raises(ConfigurationError, match="no candidates"):
        greedy_mixture({}, lambda state: 0.0)


def test_the_start_gets_the_share_that_scores_best() -> None:
    mixture = mix_with_start(_state(0.0), _state(10.0), lambda state: -abs(float(state["w"][0]) - 8.0))
    assert mixture.members == {"start": 0.2, "tuned": 0.8}
