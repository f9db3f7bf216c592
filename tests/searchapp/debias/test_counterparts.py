from __future__ import annotations

import numpy as np
import pytest

from searchapp.datatypes import FloatArray
from searchapp.debias.counterparts import FULL, Counterparts
from searchapp.debias.neighbours import NONE, Reference
from searchapp.errors import BuildError, ConfigurationError

LANGUAGES = ("ar", "de", "en", "zh")
COUNT, DIMENSION = 50, 64


def unit(vectors: np.ndarray) -> FloatArray:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def parallel(noise: float = 0.06, seed: int = 3) -> tuple[FloatArray, list[str]]:
    """Create passages of which number i has the same meaning in every language, up to noise."""
    rng = np.random.default_rng(seed)
    meaning = unit(rng.standard_normal((COUNT, DIMENSION)))
    blocks = [unit(meaning + noise * rng.standard_normal(meaning.shape)) for _ in LANGUAGES]
    return np.concatenate(blocks), [code for code in LANGUAGES for _ in range(COUNT)]


def unrelated(seed: int = 4) -> tuple[FloatArray, list[str]]:
    rng = np.random.default_rng(seed)
    vectors = unit(rng.standard_normal((COUNT * len(LANGUAGES), DIMENSION)))
    return vectors, [code for code in LANGUAGES for _ in range(COUNT)]


def test_translations_are_found_and_nothing_else() -> None:
    vectors, languages = parallel()
    reference = Reference.mine(vectors, languages, margin=1.05, name="test")
    expected = np.arange(COUNT)[:, None] + COUNT * np.arange(4)[None, :]
    for row, language in enumerate(LANGUAGES):
        found = reference.links[row * COUNT : (row + 1) * COUNT]
        wanted = expected.copy()
        wanted[:, row] = NONE
        assert np.array_equal(found, wanted), language


def test_unrelated_passages_stay_where_they_are() -> None:
    vectors, languages = unrelated()
    transform = Counterparts.fit(vectors, languages)
    moved = transform.transform_passages(vectors, languages)
    assert (np.einsum("nd,nd->n", moved, vectors) > 0.999).mean() > 0.9
    assert transform.settings["passages_with_counterparts"] < 0.1


def test_a_passage_becomes_its_own_and_its_counterparts_mean() -> None:
    vectors, languages = parallel()
    moved = Counterparts.fit(vectors, languages, strength=2.0).transform_passages(vectors, languages)
    others = vectors[[COUNT, 2 * COUNT, 3 * COUNT]].mean(axis=0)
    assert np.allclose(moved[0], unit(vectors[0] + 2 * others), atol=2e-3)


def test_few_counterparts_weigh_less() -> None:
    vectors, _ = parallel()
    three = np.hstack([vectors[: 3 * COUNT], np.zeros((3 * COUNT, DIMENSION), np.float32)])
    apart = np.hstack([np.zeros((6 * COUNT, DIMENSION), np.float32), np.tile(vectors[:COUNT], (6, 1))])
    codes = [code for code in ("ar", "de", "en", "el", "hi", "ru", "th", "tr", "vi") for _ in range(COUNT)]
    transform = Counterparts.fit(np.concatenate([three, apart]), codes, strength=2.0)
    moved = transform.transform_passages(three[:1], ["ar"])
    expected = unit(three[0] + 2 * (three[COUNT] + three[2 * COUNT]) / (FULL * 8))
    assert np.allclose(moved[0], expected, atol=2e-3)


def test_a_third_language_confirms_what_two_agree_on() -> None:
    vectors, languages = parallel(noise=0.1)
    two = COUNT * 2
    apart = Reference.mine(vectors[:two], languages[:two], margin=1.05, name="test")
    # without a third language only pairs far above the margin count; random meanings are far apart, so make them near
    near = unit(vectors + 1.2 * unit(np.ones(DIMENSION)))
    unsure = Reference.mine(near[:two], languages[:two], margin=1.0, name="test")
    confirmed = Reference.mine(near, languages, margin=1.0, name="test")
    assert (apart.links != NONE).any(axis=1).mean() > 0.9
    assert (unsure.links != NONE).any(axis=1).mean() < 0.1
    assert (confirmed.links != NONE).sum(axis=1).mean() > 2.5


def test_a_new_passage_finds_the_counterparts_of_its_meaning() -> None:
    vectors, languages = parallel()
    known = np.array(languages) != "zh"
    known[3 * COUNT + 10 :] = True  # ten Chinese passages come later
    transform = Counterparts.fit(vectors[known], [code for code, use in zip(languages, known, strict=True) if use])
    late = vectors[3 * COUNT : 3 * COUNT + 10]
    moved = transform.transform_passages(late, ["zh"] * 10)
    english = vectors[2 * COUNT : 2 * COUNT + 10]
    before, after = np.einsum("nd,nd->n", late, english), np.einsum("nd,nd->n", moved, english)
    assert (after > before + 0.02).all()


def test_passages_of_a_language_that_the_fit_did_not_see_may_have_counterparts() -> None:
    vectors, languages = parallel()
    three = 3 * COUNT
    transform = Counterparts.fit(vectors[:three], languages[:three])
    moved = transform.transform_passages(vectors[three:], ["und"] * COUNT)
    assert (
        np.einsum("nd,nd->n", moved, vectors[:COUNT]) > np.einsum("nd,nd->n", vectors[three:], vectors[:COUNT])
    ).all()


def test_settings_out_of_range_and_one_language() -> None:
    vectors, languages = parallel()
    with pytest.raises(ConfigurationError, match="strength 0"):
        Counterparts.fit(vectors, languages, strength=0)
    with pytest.raises(BuildError, match="expected two or more"):
        Counterparts.fit(vectors[:COUNT], languages[:COUNT])
