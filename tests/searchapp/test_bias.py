from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchapp.bias import language_report, wilson_interval


def test_wilson_interval_against_values_worked_by_hand() -> None:
    # z = 1.96, 8 of 10: centre (0.8 + 0.19207)/1.38415, spread sqrt(0.016 + 0.0096036)*1.96/1.38415
    low, high = wilson_interval(8, 10)
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)


def test_wilson_interval_at_the_edges() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(0, 10)[0] == 0.0
    assert wilson_interval(0, 10)[1] == pytest.approx(0.2775, abs=1e-4)
    assert wilson_interval(10, 10)[1] == 1.0


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_narrows_with_more_hits(pair: tuple[int, int]) -> None:
    count, total = pair
    low, high = wilson_interval(count, total)
    assert 0 <= low <= count / total <= high <= 1
    wider_low, wider_high = wilson_interval(count * 10, total * 10)
    assert wider_high - wider_low < high - low


def test_report_counts_shares_and_lift() -> None:
    report = language_report(["de"] * 8 + ["en"] * 2, {"de": 25, "en": 25, "fr": 50})
    german = report["de"]
    assert (german.count, german.total, german.share, german.baseline) == (8, 10, 0.8, 0.25)
    assert german.lift == pytest.approx(3.2)
    assert german.verdict == "over"
    assert report["en"].verdict == "unclear"
    assert report["fr"].count == 0
    assert report["fr"].verdict == "under"
    assert [share.language for share in report.shares] == ["de", "en", "fr"]


def test_a_language_outside_the_baseline_has_no_lift() -> None:
    report = language_report(["und", "en"], {"en": 1})
    assert report["und"].lift is None
    assert report["und"].lift_interval is None
    assert report["und"].verdict == "over"


def test_shares_sum_to_one_and_the_empty_result_is_unclear() -> None:
    report = language_report(["de", "en", "de"], {"de": 3, "en": 1})
    assert sum(share.share for share in report.shares) == pytest.approx(1)
    assert sum(share.baseline for share in report.shares) == pytest.approx(1)
    empty = language_report([], {"de": 1})
    assert empty["de"].verdict == "unclear"
    with pytest.raises(KeyError):
        empty["xx"]
