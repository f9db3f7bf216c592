from __future__ import annotations

import numpy as np
import pytest

from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import EncoderError


def test_vectors_are_unit_length_and_deterministic() -> None:
    texts = ["tea", "", "чай", "茶", "a\ud800b"]
    first, second = HashingEncoder().encode_queries(texts), HashingEncoder().encode_queries(texts)
    assert first.shape == (5, 256)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 1.0, atol=1e-6)


def test_a_known_vector_does_not_change_between_releases() -> None:
    vector = HashingEncoder(8, sizes=(2,)).encode_queries(["ab"])[0]
    assert [round(float(value), 4) for value in vector] == [-0.378, 0.378, 0, -0.7559, 0, 0, 0.378, 0]


def test_a_query_finds_the_passage_that_repeats_its_words() -> None:
    encoder = HashingEncoder()
    passages = ["Tea is grown in the hills", "Planes take off into the wind", "Чай растёт в горах"]
    scores = encoder.encode_queries(["Where is TEA grown"]) @ encoder.encode_passages(passages).T
    assert scores.argmax() == 0


def test_context_moves_a_passage_towards_it_and_empty_context_does_not() -> None:
    encoder = HashingEncoder()
    bare = encoder.encode_passages(["it opened in 1889", "it is red"])
    joined = encoder.encode_passages(["it opened in 1889", "it is red"], contexts=["The Eiffel Tower", ""])
    query = encoder.encode_queries(["Eiffel Tower"])
    assert (query @ joined[0])[0] > (query @ bare[0])[0] + 0.05
    np.testing.assert_allclose(joined[1], bare[1], atol=1e-6)


def test_fingerprint_tells_settings_apart() -> None:
    fingerprints = {
        HashingEncoder().fingerprint,
        HashingEncoder(64).fingerprint,
        HashingEncoder(sizes=(3,)).fingerprint,
    }
    assert len(fingerprints) == 3


def test_encoding_after_close_is_an_error() -> None:
    encoder = HashingEncoder()
    encoder.close()
    with pytest.raises(EncoderError, match="closed"):
        encoder.encode_passages(["tea"])


def test_bad_settings_are_refused() -> None:
    with pytest.raises(EncoderError, match="dimension 0"):
        HashingEncoder(0)
