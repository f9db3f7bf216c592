"""Test systems whose figures are known from theory."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from searchapp.evaluation.evaluate import evaluate_encoder
from searchapp.evaluation.results import MEAN


def test_a_perfect_encoder(parallel_task, perfect) -> None:
    results = evaluate_encoder(parallel_task(), perfect).results
    for setting in ("Mo", "Cr", "Mul"):
        assert results.figure(setting, "mAP") == pytest.approx(1.0), setting
    assert results.bias["rank distance"][MEAN] == 10
    assert results.unbiased["rank distance"] == 10
    # All golds are equal: pids decide, alike for every query, so that one language in eleven wins.
    assert results.bias["LPR"][MEAN] == pytest.approx(1 / 11)
    assert results.unbiased["LPR"] == pytest.approx(1 / 11)
    assert results.bias["TLR@20"][MEAN] == 1.0
    assert results.bias["MRC@20"][MEAN] == pytest.approx(1.0)


def test_own_language_first(parallel_task, own_language_first) -> None:
    groups, fillers = 6, 20
    results = evaluate_encoder(parallel_task(groups, fillers=fillers), own_language_first).results
    own = groups + fillers
    assert results.figure("Mo", "mAP") == pytest.approx(1.0)
    assert results.figure("Cr", "mAP") == pytest.approx(1.0)
    expected = (1 + sum(number / (own + number - 1) for number in range(2, 12))) / 11
    assert results.figure("Mul", "mAP") == pytest.approx(expected)
    assert results.bias["LPR"][MEAN] == 1.0
    assert results.bias["rank distance"][MEAN] == own + 9
    assert results.bias["TLR@20"][MEAN] == 0.0
    assert results.bias["lift@20 of the own language"][MEAN] == pytest.approx(11.0)
    lift = results.matrices["lift@20"].array()
    np.testing.assert_allclose(lift, 11 * np.eye(11))


def test_an_ignorant_encoder_is_at_chance(parallel_task, ignorant) -> None:
    groups, fillers = 40, 20
    results = evaluate_encoder(parallel_task(groups, fillers=fillers), ignorant).results
    pool, golds = 11 * (groups + fillers), 11
    # Mean range of 11 places drawn from the pool: (golds - 1) (pool + 1) / (golds + 1).
    expected = (golds - 1) * (pool + 1) / (golds + 1)
    assert results.bias["rank distance"][MEAN] == pytest.approx(expected, rel=0.05)
    assert results.bias["LPR"][MEAN] == pytest.approx(1 / 11, abs=0.05)
    assert results.bias["TLR@20"][MEAN] == pytest.approx(20 / pool, abs=0.02)
    assert results.bias["lift@20 of the own language"][MEAN] == pytest.approx(1.0, abs=0.15)
    harmonic = sum(1 / rank for rank in range(1, groups + fillers + 1))
    assert results.figure("Mo", "mAP") == pytest.approx(harmonic / (groups + fillers), rel=0.25)


def test_settings_by_language_pair(parallel_task, own_language_first) -> None:
    task = parallel_task(3, languages=("de", "en"), fillers=2)
    results = evaluate_encoder(task, own_language_first).results
    matrix = results.matrices["mAP within language"]
    assert (matrix.rows, matrix.columns) == (("de", "en"), ("de", "en"))
    assert results.figures["Mo"].keys() == {"de", "en", MEAN}
    assert results.task.golds == 3 * 2 * 2


def test_one_language_has_quality_but_no_bias(parallel_task, perfect) -> None:
    results = evaluate_encoder(parallel_task(3, languages=("de",), fillers=4), perfect).results
    assert results.figure("Mul", "mAP") == 1.0
    assert "Cr" not in results.figures
    assert "rank distance" not in results.bias
    assert any("only one language" in note for note in results.notes)


def test_without_scipy_everything_but_peer_is_measured(parallel_task, perfect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    results = evaluate_encoder(parallel_task(), perfect).results
    assert results.bias["rank distance"][MEAN] == 10
    assert "PEER@20" not in results.bias
    assert any("PEER@20 was left out" in note and "searchapp[eval]" in note for note in results.notes)
