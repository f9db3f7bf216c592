from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from searchapp.evaluation.language_bias.consistency import mean_rank_correlation


def score_from(table: np.ndarray):
    return lambda rows, columns: np.stack([table[row][:, columns[group]] for group, row in enumerate(rows)])


def test_worked_by_hand() -> None:
    # One question in two languages over passages 0 to 3; the top two are {0, 1} and {0, 2}: the union is 0, 1, 2.
    scores = np.array([[9.0, 8.0, 1.0, 0.0], [9.0, 3.0, 8.0, 0.0]], dtype=np.float32)
    top = np.array([[0, 1], [0, 2]])
    found = mean_rank_correlation(
        top, languages=np.array([0, 1]), groups=np.array([0, 0]), count=2, k=2, score_of=score_from(scores)
    )
    assert found[0, 1] == found[1, 0] == pytest.approx(0.5)
    assert np.isnan(found[0, 0])


def test_equals_scipy_with_ties_gaps_and_missing_languages() -> None:
    random = np.random.default_rng(3)
    groups, languages, passages, k = 30, 3, 25, 6
    rows = [(group, language) for group in range(groups) for language in range(languages) if random.random() < 0.8]
    scores = random.integers(0, 8, size=(len(rows), passages)).astype(np.float32)
    top = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    found = mean_rank_correlation(
        top,
        languages=np.array([language for _, language in rows]),
        groups=np.array([group for group, _ in rows]),
        count=languages,
        k=k,
        score_of=score_from(scores),
    )
    row_of = {key: row for row, key in enumerate(rows)}
    for one in range(languages):
        for other in range(one + 1, languages):
            expected = []
            for group in range(groups):
                if (group, one) in row_of and (group, other) in row_of:
                    first, second = row_of[group, one], row_of[group, other]
                    union = sorted({*top[first], *top[second]})
                    expected.append(spearmanr(scores[first][union], scores[second][union]).statistic)
            assert found[one, other] == pytest.approx(np.nanmean(expected), abs=1e-6)


def test_equal_rankings_correlate_fully() -> None:
    scores = np.tile(np.array([5.0, 4.0, 3.0, 2.0], dtype=np.float32), (2, 1))
    top = np.array([[0, 1, 2], [0, 1, 2]])
    found = mean_rank_correlation(
        top, languages=np.array([0, 1]), groups=np.array([0, 0]), count=2, k=3, score_of=score_from(scores)
    )
    assert found[0, 1] == pytest.approx(1.0)
