from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom

from searchapp.search.language_report import language_report
from searchapp.statistics.intervals import exact_interval


def test_exact_interval_against_values_worked_by_hand() -> None:
    # None of 10: the upper limit u has (1 - u)^10 = 0.025; 10 of 10 mirrors it; 1 of 1: the lower limit is 0.025 itself.
    assert exact_interval(0, 10) == (0.0, pytest.approx(1 - 0.025**0.1, abs=1e-7))
    assert exact_interval(10, 10) == (pytest.approx(0.025**0.1, abs=1e-7), 1.0)
    assert exact_interval(1, 1) == (pytest.approx(0.025, abs=1e-7), 1.0)
    assert exact_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("count", "total"), [(1, 2), (3, 10), (8, 10), (17, 50), (300, 1000)])
def test_exact_interval_against_the_beta_distribution(count: int, total: int) -> None:
    low, high = exact_interval(count, total, confidence=0.9)
    assert low == pytest.approx(beta.ppf(0.05, count, total - count + 1), abs=1e-7)
    assert high == pytest.approx(beta.ppf(0.95, count + 1, total - count), abs=1e-7)


@given(st.integers(1, 40), st.floats(0.01, 0.6))
def test_a_language_without_bias_is_seldom_accused(total: int, baseline: float) -> None:
    chance = sum(binom.pmf(n, total, baseline) for n in range(total + 1) if exact_interval(n, total)[0] > baseline)
    assert chance <= 0.025 + 1e-6


def test_one_hit_of_one_or_two_accuses_nobody() -> None:
    even = dict.fromkeys("abcdefghijklm", 1.0)
    for hits in (["a"], ["a", "b"]):
        assert all(share.verdict == "unclear" for share in language_report(hits, even).shares)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_narrows_with_more_hits(pair: tuple[int, int]) -> None:
    count, total = pair
    low, high = exact_interval(count, total)
    assert 0 <= low <= count / total <= high <= 1
    wider_low, wider_high = exact_interval(count * 10, total * 10)
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
