from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from searchapp.errors import ConfigurationError, InputError
from searchapp.evaluation.comparison import compare
from searchapp.evaluation.results import MEAN, PerQuery
from searchapp.statistics.significance import holm, randomisation_p


def system(values: dict[str, list[float]], *, measure: str = "Mul mAP") -> PerQuery:
    rows = [(language, place, value) for language, column in values.items() for place, value in enumerate(column)]
    return PerQuery(
        qids=tuple(f"q{place}.{language}" for language, place, _ in rows),
        languages=tuple(language for language, _, _ in rows),
        groups=tuple(f"q{place}" for _, place, _ in rows),
        values={measure: np.array([value for _, _, value in rows])},
    )


def test_holm_worked_by_hand() -> None:
    # 0.01 x 4, then 0.02 x 3, then 0.03 x 2 (raised to the one before), 0.04 x 1 (likewise).
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_randomisation_approaches_the_exact_test() -> None:
    differences = np.array([0.3, 0.1, -0.05, 0.2, 0.15, 0.02, -0.1, 0.25])
    sums = [
        abs(sum(sign * value for sign, value in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=8)
    ]
    exact = np.mean([total >= abs(differences.sum()) - 1e-12 for total in sums])
    found = randomisation_p(differences, samples=20_000, random=np.random.default_rng(0))
    assert found == pytest.approx(exact, abs=0.01)


def test_equal_systems_do_not_differ() -> None:
    values = system({"de": [0.1, 0.5, 0.3], "en": [0.2, 0.2, 0.9]})
    for row in compare(values, values, measure="Mul mAP", samples=200):
        assert row.p == 1.0
        assert row.difference == 0
        assert not row.significant


@pytest.mark.parametrize("method", ["randomisation", "bootstrap"])
def test_a_clear_gain_is_found_and_noise_is_not(method: str) -> None:
    random = np.random.default_rng(1)
    base, noise = random.random((2, 200)), random.normal(0, 0.1, 200)
    first = system({"de": base[0].tolist(), "en": base[1].tolist()})
    second = system({"de": (base[0] + 0.05 + noise / 2).tolist(), "en": (base[1] + noise - noise.mean()).tolist()})
    rows = {row.language: row for row in compare(first, second, measure="Mul mAP", method=method, samples=2000)}
    assert rows["de"].significant
    assert rows["de"].low < rows["de"].difference < rows["de"].high
    assert rows["de"].low > 0
    assert not rows["en"].significant
    assert rows["de"].corrected == pytest.approx(2 * rows["de"].p)
    assert rows[MEAN].pairs == 200  # groups of translations, not 400 queries


def test_under_no_difference_p_is_uniform() -> None:
    random = np.random.default_rng(2)
    found = [randomisation_p(random.normal(size=30), samples=200, random=random) for _ in range(300)]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.035)


def test_queries_are_matched_by_id_and_undefined_ones_left_out() -> None:
    first = system({"de": [0.1, 0.5, np.nan]})
    order = [2, 0, 1]
    second = PerQuery(
        qids=tuple(first.qids[place] for place in order),
        languages=tuple(first.languages[place] for place in order),
        groups=tuple(first.groups[place] for place in order),
        values={"Mul mAP": first.values["Mul mAP"][order] + 0.1},
    )
    row = compare(first, second, measure="Mul mAP", samples=100)[0]
    assert row.pairs == 2
    assert row.difference == pytest.approx(0.1)


def test_what_cannot_be_compared_is_refused() -> None:
    first = system({"de": [0.1, 0.5]})
    with pytest.raises(InputError, match="asked different queries"):
        compare(first, system({"de": [0.1]}), measure="Mul mAP")
    with pytest.raises(ConfigurationError, match="no values of 'Mo mAP' by query; there are Mul mAP"):
        compare(first, first, measure="Mo mAP")
