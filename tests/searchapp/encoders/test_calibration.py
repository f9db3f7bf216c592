from __future__ import annotations

from pathlib import Path

import pytest

from searchapp.encoders.calibration import UNKNOWN, Calibration, calibration_of, read_calibration
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import EncoderError


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    calibration = Calibration(lexical_weight=0.05, feedback=0.2, feedback_above=0.8, relevant_above=0.82)
    calibration.save(tmp_path)
    assert read_calibration(tmp_path) == calibration


def test_an_encoder_without_one_gets_the_rule_for_unknown_ones(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) is UNKNOWN
    assert calibration_of(HashingEncoder()) == Calibration()

    class Plain:
        name, dimension, fingerprint = "plain", 1, "0"

    assert calibration_of(Plain()) is UNKNOWN  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "damage", ['{"feedback": "much"}', '{"weight": 1}', '{"lexical_weight": true}', "[]", "[" * 200_000]
)
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    (tmp_path / "calibration.json").write_text(damage)
    with pytest.raises(EncoderError, match=r"calibration\.json: damaged"):
        read_calibration(tmp_path)


def test_relevance_is_judged_only_where_a_threshold_and_a_cosine_are_known() -> None:
    calibration = Calibration(relevant_above=0.8, relevant_with_words=0.7)
    assert calibration.is_relevant(0.75, has_words=False) is False
    assert calibration.is_relevant(0.75, has_words=True) is True
    assert calibration.is_relevant(None, has_words=True) is None
    assert Calibration().is_relevant(0.9, has_words=True) is None
