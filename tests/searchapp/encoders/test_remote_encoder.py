"""Against a local double of an OpenAI-compatible server, well and badly behaved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from support import build, documents
from writer_server import Answer, Handler, Server, serving, status

from searchapp.client import SearchClient
from searchapp.encoders.fake import HashingEncoder
from searchapp.encoders.loading import load_encoder
from searchapp.encoders.remote import BATCH_CHARACTERS, BATCH_TEXTS, RemoteEncoder
from searchapp.errors import EncoderError, EncoderMismatchError

DOUBLE = HashingEncoder(32)


def embeds(encoder: HashingEncoder = DOUBLE, *, jitter: float = 0.0) -> Answer:
    """Answer as such a server does, with the items in reverse order and vectors of length 3."""

    def answer(handler: Handler) -> None:
        texts = handler.server.asked[-1][2]["input"]
        vectors = 3 * encoder.encode_queries(texts) + jitter
        items = [
            {"object": "embedding", "index": row, "embedding": vector.tolist()} for row, vector in enumerate(vectors)
        ]
        handler.reply(json.dumps({"object": "list", "data": items[::-1]}).encode())

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        found.answers = [embeds()]
        yield found


@pytest.fixture
def opened(server: Server) -> Iterator[Callable[..., RemoteEncoder]]:
    encoders: list[RemoteEncoder] = []

    def start(model: str = "small", **options: object) -> RemoteEncoder:
        encoders.append(RemoteEncoder(f"openai:{server.url}#{model}", wait=0.001, **options))  # type: ignore[arg-type]
        return encoders[-1]

    yield start
    for encoder in encoders:
        encoder.close()


def test_it_asks_as_the_protocol_says_and_gives_unit_vectors(
    server: Server, opened: Callable[..., RemoteEncoder]
) -> None:
    encoder = opened(key="secret")
    assert encoder.dimension == 32
    texts = ["green leaves", "Grüne Blätter", "lone \ud800 surrogate"]
    got = encoder.encode_passages(texts, contexts=["a", "b", "c"])
    np.testing.assert_allclose(got[:2], DOUBLE.encode_queries(texts[:2]), atol=1e-6)
    assert got.dtype == np.float32
    path, headers, body = server.asked[-1]
    assert (path, headers["Authorization"]) == ("/v1/embeddings", "Bearer secret")
    assert body["model"] == "small"
    assert body["encoding_format"] == "float"
    assert encoder.encode_queries([]).shape == (0, 32)
    encoder.close()
    with pytest.raises(EncoderError, match="closed"):
        encoder.encode_queries(["tea"])


def test_texts_are_sent_in_batches(server: Server, opened: Callable[..., RemoteEncoder]) -> None:
    encoder = opened()
    server.asked.clear()
    texts = [f"text {number}" for number in range(BATCH_TEXTS + 5)]
    np.testing.assert_allclose(encoder.encode_passages(texts), DOUBLE.encode_queries(texts), atol=1e-6)
    assert [len(body["input"]) for _, _, body in server.asked] == [BATCH_TEXTS, 5]
    server.asked.clear()
    encoder.encode_passages(["a" * (BATCH_CHARACTERS - 1), "bb", "c"])
    assert [len(body["input"]) for _, _, body in server.asked] == [1, 2]


def test_the_fingerprint_tells_models_apart_and_not_last_digits(
    server: Server, opened: Callable[..., RemoteEncoder]
) -> None:
    first = opened().fingerprint
    server.answers = [embeds(jitter=1e-5)]
    assert opened().fingerprint == first
    assert opened("large").fingerprint != first
    server.answers = [embeds(HashingEncoder(64))]
    assert opened().fingerprint != first
    server.answers = [embeds(HashingEncoder(32, sizes=(3,)))]
    assert opened().fingerprint != first


def test_a_passing_failure_is_tried_again_and_a_lasting_one_is_not(
    server: Server, opened: Callable[..., RemoteEncoder]
) -> None:
    encoder = opened()
    server.asked.clear()
    server.answers = [status(503), status(429), embeds()]
    assert encoder.encode_queries(["tea"]).shape == (1, 32)
    assert len(server.asked) == 3
    for code, said in ((401, "SEARCHAPP_ENCODER_KEY"), (404, "'small'"), (400, "answered 400")):
        server.asked.clear()
        server.answers = [status(code)]
        with pytest.raises(EncoderError, match=said):
            encoder.encode_queries(["tea"])
        assert len(server.asked) == 1
    server.asked.clear()
    server.answers = [status(500)]
    with pytest.raises(EncoderError, match="answered 500"):
        encoder.encode_queries(["tea"])
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "expected embeddings"),
        (b'{"data": [{"index": 0, "embedding": "AAAA"}]}', "expected embeddings"),
        (b'{"data": []}', "gave 0 embeddings"),
        (b'{"data": [{"index": 0, "embedding": [1, 2]}]}', "was the model changed"),
        (json.dumps({"data": [{"index": 0, "embedding": [float("nan")] * 32}]}).encode(), "not finite"),
        (json.dumps({"data": [{"index": 0, "embedding": [0.0] * 32}]}).encode(), "no length"),
    ],
)
def test_bad_answers_are_errors_that_say_what_came(
    server: Server, opened: Callable[..., RemoteEncoder], body: bytes, message: str
) -> None:
    encoder = opened()
    server.answers = [lambda handler: handler.reply(body)]
    with pytest.raises(EncoderError, match=message):
        encoder.encode_queries(["tea"])


def test_nobody_listening_and_names_that_are_none() -> None:
    with pytest.raises(EncoderError, match="check that the server runs"):
        RemoteEncoder("openai:http://127.0.0.1:9/v1#m", timeout=2, wait=0.001)
    for name in ("openai:", "openai:http://x/v1", "openai:x/v1#m", "openai:ftp://x#m", "openai:http://x/v1#"):
        with pytest.raises(EncoderError, match="expected one such as"):
            load_encoder(name)
    with pytest.raises(EncoderError, match="SEARCHAPP_ENCODER_KEY") as caught:
        load_encoder("openai:http://ada:hunter2@x/v1#m")
    assert "hunter2" not in str(caught.value)


def test_a_collection_is_built_and_searched_with_it(
    server: Server, opened: Callable[..., RemoteEncoder], home: Path
) -> None:
    build(home, documents(), encoder=opened())  # type: ignore[arg-type]
    with SearchClient("docs", home=home) as client:
        assert client.manifest().encoder == f"openai:{server.url}#small"
        assert client.search("green leaves turn sunlight into sugar").hits[0].document_id == "leaf-en"
    server.answers = [embeds(HashingEncoder(32, sizes=(3,)))]
    with pytest.raises(EncoderMismatchError):
        SearchClient("docs", home=home)
