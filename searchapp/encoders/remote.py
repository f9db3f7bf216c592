"""Use an encoder behind an endpoint compatible with OpenAI's embeddings: `openai:http://host:port/v1#model`."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from searchapp.datatypes import FloatArray
from searchapp.errors import EncoderError, redacted
from searchapp.files.addresses import is_address
from searchapp.statistics.vectors import unit

if TYPE_CHECKING:
    import httpx

SCHEME = "openai:"
KEY_VARIABLE = "SEARCHAPP_ENCODER_KEY"
"""Environment variable of the bearer token."""
RETRIED = frozenset((408, 409, 425, 429, 500, 502, 503, 504))
"""Statuses after which a request is sent again."""
TIMEOUT = 30.0
ATTEMPTS = 4
LONGEST_WAIT = 10.0
"""Maximum number of seconds between two attempts, also if the server asks for more."""
BATCH_TEXTS = 64
BATCH_CHARACTERS = 200_000
PROBES = (
    "Green leaves turn sunlight into sugar.",
    "A robot arm welds car doors.",
    "Die Bank erhöht den Zins.",
    "茶树生长在山丘上。",
)
"""Texts whose embeddings tell two models of one name apart."""


class RemoteEncoder:
    """Embeds texts by `POST <url>/embeddings`. Thread-safe. The server truncates long texts, or rejects them.

    Queries and passages are embedded in the same way, without prompts and without the context of a passage, because the
    protocol has no place for them. The fingerprint is made of the model's name, the dimension, and for pairs of fixed texts
    the component in which their embeddings differ most. It does not depend on the last digits, which vary from call to call.

    Args:
        name: `openai:` and the base address, `#` and the name of the model.
        key: Bearer token; None for servers that need no key.
        timeout: Seconds to wait for a response.
        wait: Seconds before the second attempt; each later one waits twice as long.

    Raises:
        EncoderError: The name is invalid, or the server gives no embeddings.
    """

    def __init__(self, name: str, *, key: str | None = None, timeout: float = TIMEOUT, wait: float = 0.25) -> None:
        url, self._model = _address(name)
        import httpx  # imported here, because few programs use it

        self.name = name
        self._endpoint = f"{url.rstrip('/')}/embeddings"
        self._wait = wait
        self._closed = False
        self._lock = threading.Lock()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # redirects are not followed: they would send the key to an address that the user did not choose
        self._http = httpx.Client(headers=headers, timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)))
        self.dimension = 0
        try:
            probes = self.encode_queries(PROBES)
        except BaseException:
            self._http.close()
            raise
        self.dimension = int(probes.shape[1])
        self.fingerprint = _fingerprint(self._model, probes)

    @classmethod
    def load(cls, name: str) -> RemoteEncoder:
        """Connect to a server, with the key from the environment.

        Args:
            name: The encoder's name.
        """
        return cls(name, key=os.environ.get(KEY_VARIABLE, "").strip() or None)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embed queries: (n, dimension) float32, unit length.

        Args:
            texts: Texts of the queries, sent in batches.

        Raises:
            EncoderError: The encoder is closed, or the server gives no usable embeddings.
        """
        if self._closed:
            raise EncoderError(f"the encoder {self.name!r} is closed: load it again")
        found = [vector for batch in _batches(texts) for vector in self._embed(batch)]
        if not found:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = np.array(found, dtype=np.float32)
        if not np.isfinite(vectors).all() or not np.linalg.norm(vectors, axis=1).all():
            raise EncoderError(
                f"{self._endpoint} gave embeddings that are not finite or have no length; check the model"
            )
        return unit(vectors)

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        """Embed passages without their contexts: (n, dimension) float32, unit length.

        Args:
            texts: Texts of the passages, sent in batches.
            contexts: Not used.

        Raises:
            EncoderError: The encoder is closed, or the server gives no usable embeddings.
        """
        return self.encode_queries(texts)

    def reads(self, text: str, context: str) -> str:
        """Return the text of a passage, as its context is not embedded.

        Args:
            text: Text of the passage.
            context: Its surrounding text; not used.
        """
        return text

    def close(self) -> None:
        """Close the connections. Encoding afterwards is an error."""
        with self._lock:
            self._closed = True
            self._http.close()

    def _embed(self, texts: list[str]) -> list[list[float]]:
        import httpx

        body = {"model": self._model, "input": texts, "encoding_format": "float"}
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            pause = self._wait * 2 ** (attempt - 1)
            try:
                answer = self._http.post(self._endpoint, json=body)
            except httpx.TransportError as error:
                if last:
                    raise EncoderError(
                        f"{self._endpoint} gave no answer in {ATTEMPTS} attempts ({error or type(error).__name__}); check "
                        "that the server runs and that the address is right"
                    ) from error
            else:
                if answer.is_success:
                    return self._vectors(answer, len(texts))
                if answer.status_code not in RETRIED or last:
                    raise EncoderError(_refusal(answer, self._endpoint, self._model))
                pause = max(pause, _asked_wait(answer))
            time.sleep(min(pause, LONGEST_WAIT))
        raise AssertionError("the last attempt returns or raises")

    def _vectors(self, answer: httpx.Response, count: int) -> list[list[float]]:
        """Read the embeddings in the order of the input."""
        try:
            items = sorted(answer.json()["data"], key=lambda item: item["index"])
            vectors = [[float(number) for number in item["embedding"]] for item in items]
        except (ValueError, LookupError, TypeError) as error:
            raise EncoderError(
                f"{self._endpoint} gave {answer.content[:80]!r}, expected embeddings as lists of numbers in "
                "data[…].embedding; is the address that of an OpenAI-compatible API?"
            ) from error
        lengths = {len(vector) for vector in vectors}
        expected = {self.dimension} if self.dimension else lengths
        if len(vectors) != count or len(lengths) != 1 or lengths != expected or 0 in lengths:
            raise EncoderError(
                f"{self._endpoint} gave {len(vectors)} embeddings of dimension {sorted(lengths)} for {count} texts, expected "
                f"one per text of dimension {self.dimension or 'one or more'}; was the model changed? Load the encoder again"
            )
        return vectors


def _address(name: str) -> tuple[str, str]:
    """Split the encoder's name into the base address and the model."""
    url, sign, model = name.removeprefix(SCHEME).partition("#")
    if not is_address(url) or not sign or not model.strip():
        raise EncoderError(f"encoder {redacted(name)!r}: expected one such as openai:http://localhost:8000/v1#model")
    if "@" in urlsplit(url).netloc:
        raise EncoderError(
            f"encoder {redacted(name)!r}: the address contains a password, which would be stored with the collection; "
            f"set {KEY_VARIABLE} instead"
        )
    return url, model


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Divide texts into requests of bounded size; a longer text is a request of its own."""
    batch: list[str] = []
    characters = 0
    for text in texts:
        clean = text.encode("utf-8", "replace").decode("utf-8")  # JSON cannot carry lone surrogates
        if batch and (len(batch) == BATCH_TEXTS or characters + len(clean) > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(clean)
        characters += len(clean)
    if batch:
        yield batch


def _fingerprint(model: str, probes: FloatArray) -> str:
    differences = probes[1:] - probes[:-1]  # a component that is large for all texts tells nothing
    largest = np.abs(differences).argmax(axis=1)
    signs = np.take_along_axis(differences, largest[:, None], axis=1)[:, 0] > 0
    told = (model, probes.shape[1], largest.tolist(), signs.tolist())
    return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()


def _asked_wait(answer: httpx.Response) -> float:
    """Return the seconds that the server asks to wait; 0 if it asks for none."""
    told: str = answer.headers.get("retry-after", "")
    return float(told[:6]) if told.isascii() and told.isdigit() else 0.0


def _refusal(answer: httpx.Response, endpoint: str, model: str) -> str:
    advice: dict[int, Any] = {
        401: f"set {KEY_VARIABLE} to its key",
        403: f"set {KEY_VARIABLE} to a key with access",
        404: f"check the address, which usually ends in /v1, and that it offers the model {model!r}",
        413: "the texts are too long for it",
        429: "it is too busy, or a quota is used up; try again later",
    }
    said = " ".join(answer.text[:200].split())
    todo = advice.get(answer.status_code, "its log may say more")
    return redacted(f"{endpoint} answered {answer.status_code} ({said or answer.reason_phrase}); {todo}")
