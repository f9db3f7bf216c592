from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from searchapp.datatypes import FloatArray, LanguageSpan
from searchapp.debias.base import DebiasTransform
from searchapp.debias.loading import METHODS, digest, fit_transform, from_bytes, to_bytes
from searchapp.debias.queries import span_weights, transform_mixed
from searchapp.errors import BuildError, ConfigurationError, StoreError

LANGUAGES = ("ar", "de", "en", "zh")
MEANINGS, DIMENSION = 60, 48


def unit(vectors: np.ndarray) -> FloatArray:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def world(*, language_signal: float = 1.0, seed: int = 0) -> tuple[FloatArray, list[str], list[int]]:
    """Create texts of equal meaning in every language: meaning + language + noise."""
    rng = np.random.default_rng(seed)
    meaning = unit(rng.standard_normal((MEANINGS, DIMENSION)))
    vectors, languages, groups = [], [], []
    for language in LANGUAGES:
        offset = unit(rng.standard_normal(DIMENSION)) * language_signal
        vectors.append(meaning + offset + 0.08 * rng.standard_normal((MEANINGS, DIMENSION)))
        languages += [language] * MEANINGS
        groups += list(range(MEANINGS))
    return unit(np.concatenate(vectors)), languages, groups


def fitted(method: str) -> tuple[DebiasTransform, FloatArray, list[str]]:
    vectors, languages, groups = world()
    return fit_transform(method, vectors, languages, groups=groups), vectors, languages


def same_language_share(queries: FloatArray, passages: FloatArray, languages: list[str]) -> float:
    """Return the share of a passage's four nearest others in its own language; by chance it is a quarter."""
    scores = queries @ passages.T
    np.fill_diagonal(scores, -2)
    names = np.array(languages)
    nearest = np.argsort(-scores, axis=1)[:, :4]
    return float((names[nearest] == names[:, None]).mean())


@pytest.mark.parametrize("method", METHODS)
def test_a_transform_lowers_the_preference_of_the_own_language(method: str) -> None:
    transform, vectors, languages = fitted(method)
    before = same_language_share(vectors, vectors, languages)
    after = same_language_share(
        transform.transform_queries(vectors, languages), transform.transform_passages(vectors, languages), languages
    )
    assert before > 0.9
    assert after < (0.4 if method != "shift" else before - 0.02)


@pytest.mark.parametrize("method", METHODS)
def test_vectors_come_out_with_unit_length_and_the_arguments_are_left_alone(method: str) -> None:
    transform, vectors, languages = fitted(method)
    given = vectors.copy()
    for found in (transform.transform_queries(vectors, languages), transform.transform_passages(vectors, languages)):
        assert found.dtype == np.float32
        assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors, given)


@pytest.mark.parametrize("method", METHODS)
def test_a_transform_comes_back_from_its_file_as_it_was(method: str) -> None:
    transform, vectors, languages = fitted(method)
    data = to_bytes(transform)
    again = from_bytes(data, origin="here")
    assert (again.name, dict(again.settings)) == (method, dict(transform.settings))
    assert np.array_equal(
        again.transform_passages(vectors, languages), transform.transform_passages(vectors, languages)
    )
    assert np.array_equal(again.transform_queries(vectors, languages), transform.transform_queries(vectors, languages))
    assert digest(to_bytes(again)) == digest(data)


def test_centering_leaves_no_mean_and_takes_the_shared_one_from_unknown_languages() -> None:
    transform, vectors, languages = fitted("centering")
    rows = [row for row, language in enumerate(languages) if language == "de"]
    mean = vectors[rows].mean(axis=0)
    assert np.allclose(transform.transform_queries(vectors[:1], ["de"]), unit(vectors[:1] - mean), atol=1e-6)
    shared = np.mean([vectors[np.array(languages) == code].mean(axis=0) for code in LANGUAGES], axis=0)
    for unknown in ("und", "sw"):
        assert np.allclose(transform.transform_passages(vectors[:1], [unknown]), unit(vectors[:1] - shared), atol=1e-6)


def test_lir_removes_the_first_singular_vector_of_the_own_language_only() -> None:
    transform, vectors, languages = fitted("lir")
    own = vectors[np.array(languages) == "ar"]
    first = np.linalg.svd(own, full_matrices=False)[2][0]
    assert np.abs(transform.transform_queries(own, ["ar"] * len(own)) @ first).max() < 1e-5
    assert np.allclose(transform.transform_queries(own, ["und"] * len(own)), own, atol=1e-6)


def test_lsar_removes_one_subspace_from_every_language() -> None:
    vectors, languages, _ = world()
    transform = fit_transform("lsar", vectors, languages, rank=4)
    means = np.stack([vectors[np.array(languages) == code].mean(axis=0) for code in LANGUAGES])
    assert np.abs(transform.transform_passages(vectors, ["und"] * len(vectors)) @ means.T).max() < 1e-4
    with pytest.raises(ConfigurationError, match="1 to 4 for 4 languages"):
        fit_transform("lsar", vectors, languages, rank=5)


def test_shift_moves_passages_towards_english_and_leaves_queries() -> None:
    transform, vectors, languages = fitted("shift")
    names = np.array(languages)
    moved = transform.transform_passages(vectors, languages)
    assert transform.transform_queries(vectors, languages) is vectors
    assert np.allclose(moved[names == "en"], vectors[names == "en"], atol=1e-6)
    english = vectors[names == "en"].mean(axis=0)

    def away(code: str, found: FloatArray) -> float:
        return float(np.linalg.norm(found[names == code].mean(axis=0) - english))

    assert all(away(code, moved) < 0.6 * away(code, vectors) for code in ("ar", "de", "zh"))
    with pytest.raises(BuildError, match="from-parallel"):
        fit_transform("shift", vectors, languages)


def test_languages_with_few_vectors_are_not_fitted() -> None:
    vectors, languages, _ = world()
    rare = ["sw" if row < 5 else language for row, language in enumerate(languages)]
    assert "sw" not in fit_transform("centering", vectors, rare).settings["languages"]
    with pytest.raises(BuildError, match="1 languages with at least 20"):
        fit_transform("lir", vectors[:MEANINGS], languages[:MEANINGS])


def test_a_vector_that_nothing_is_left_of_stays() -> None:
    vectors, languages, _ = world()
    transform = fit_transform("lsar", vectors, languages, rank=1)
    basis = transform.arrays()["basis"]
    assert np.allclose(transform.transform_queries(basis, ["de"]), basis)


def test_a_mixed_query_is_the_weighed_mean_of_its_languages_transforms() -> None:
    transform, vectors, _ = fitted("centering")
    query = vectors[:1]
    parts = [transform.transform_queries(query, [code])[0] for code in ("de", "en")]
    mixed = transform_mixed(transform, query, [{"de": 3.0, "en": 1.0}])
    assert np.allclose(mixed[0], unit(0.75 * parts[0] + 0.25 * parts[1]), atol=1e-6)
    alone = transform_mixed(transform, query, [{"de": 7.0}])
    assert np.allclose(alone[0], parts[0], atol=1e-6)


def test_spans_weigh_by_their_characters() -> None:
    spans = [LanguageSpan("tea ", 0, 4, "en", 1, "Latn"), LanguageSpan("茶", 4, 5, "zh", 1, "Hani")]
    assert span_weights([*spans, LanguageSpan("cup", 5, 8, "en", 1, "Latn")]) == {"en": 6.0, "zh": 1.0}


def test_damaged_files_and_unknown_methods_are_named() -> None:
    transform, vectors, languages = fitted("centering")
    data = to_bytes(transform)
    with pytest.raises(StoreError, match=r"here: damaged"):
        from_bytes(data[: len(data) // 2], origin="here")
    with pytest.raises(ConfigurationError, match="expected one of centering, lir"):
        fit_transform("magic", vectors, languages)


@pytest.mark.parametrize("method", METHODS)
def test_files_whose_arrays_do_not_fit_together_are_refused(method: str) -> None:
    with np.load(io.BytesIO(to_bytes(fitted(method)[0]))) as file:
        whole = dict(file)
    hostile: list[dict[str, Any]] = [{key: array for key, array in whole.items() if key != name} for name in whole]
    for name, array in whole.items():
        if array.dtype.kind == "f":
            hostile += [{**whole, name: changed} for changed in (array * np.nan, array[..., :0], array[..., 0])]
            hostile += [{**whole, name: array[:0]}] * (method != "lsar")  # no direction to remove is no error
    if method == "counterparts":
        hostile += [{**whole, "links": whole["links"] + 10_000}, {**whole, "bounds": whole["bounds"][::-1]}]
    for arrays in hostile:
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        with pytest.raises(StoreError, match="here: damaged"):
            from_bytes(buffer.getvalue(), origin="here", dimension=DIMENSION)
