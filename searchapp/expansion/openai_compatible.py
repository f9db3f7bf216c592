"""Write texts with a language model behind an endpoint compatible with OpenAI's chat completions."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from searchapp.encoders.remote import RETRIED
from searchapp.errors import ConfigurationError, WriterError, redacted
from searchapp.expansion.prompts import kept, passage_messages, translation_messages
from searchapp.files.addresses import is_address

MOST_BYTES = 1 << 20
"""Maximum size of a response in bytes."""

TIMEOUT = 10.0
ATTEMPTS = 2
MOST_TOKENS = 400


class OpenAICompatibleWriter:
    """Writes texts by `POST <url>/chat/completions`. Thread-safe, because it keeps no connection open.

    Args:
        url: Base address, such as `https://api.openai.com/v1` or `http://localhost:8000/v1`.
        model: Name of the model at that address.
        key: Bearer token; None for servers that need no key.
        timeout: Seconds for one text, including all attempts.

    Raises:
        ConfigurationError: The URL has no http(s) scheme or no host, or the timeout is not above 0.
    """

    def __init__(self, url: str, *, model: str, key: str | None = None, timeout: float = TIMEOUT) -> None:
        if not is_address(url):
            raise ConfigurationError(
                f"the writer's address is {redacted(str(url))!r}, expected one such as http://localhost:8000/v1; "
                "in a password, write / as %2F, ? as %3F and # as %23"
            )
        if not timeout > 0:
            raise ConfigurationError(f"the writer's time-out is {timeout!r}, expected seconds above 0")
        self._endpoint = url.rstrip("/") + "/chat/completions"
        self._shown = redacted(self._endpoint)
        self._model = model
        self._key = key
        self._timeout = timeout

    def passage(self, query: str, languages: Sequence[str]) -> str:
        """Write a passage that could answer a query.

        Args:
            query: The user's query.
            languages: Languages of the passage, as BCP 47 primary subtags; `und` alone for the query's own.

        Raises:
            WriterError: The server fails, takes too long or writes nothing.
        """
        return kept(self._complete(passage_messages(query, languages)))

    def translate(self, text: str, source: str, target: str) -> str:
        """Translate a text from one language to another.

        Args:
            text: Text in the source language.
            source: BCP 47 primary subtag, or `und`.
            target: BCP 47 primary subtag.

        Raises:
            WriterError: The server fails, takes too long or writes nothing.
        """
        return kept(self._complete(translation_messages(text, source, target)))

    def _complete(self, messages: list[dict[str, str]]) -> str:
        import httpx  # imported here, because `import searchapp` loads this module and few programs use it

        body = {"model": self._model, "messages": messages, "temperature": 0, "max_tokens": MOST_TOKENS}
        deadline = time.monotonic() + self._timeout
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                return _content(self._post(body, deadline), self._shown)
            except httpx.HTTPStatusError as error:
                answer = error.response
                if answer.status_code not in RETRIED or last:
                    raise WriterError(
                        f"{self._shown} answered {answer.status_code} ({answer.reason_phrase})"
                    ) from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if last or time.monotonic() >= deadline or not isinstance(error, httpx.TransportError):
                    raise WriterError(f"{self._shown} gave no answer in {self._timeout:g} s ({error})") from error
            time.sleep(max(0.0, min(0.2 * attempt, deadline - time.monotonic())))
        raise AssertionError("the last attempt returns or raises")

    def _post(self, body: dict[str, Any], deadline: float) -> bytes:
        """Send a request and read the response piece by piece, because httpx restarts its own timeout with every piece.

        Redirects are not followed: they would send the key to an address that the user did not choose.
        """
        import httpx

        found = b""
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        with httpx.stream("POST", self._endpoint, json=body, headers=headers, timeout=_left(deadline)) as response:
            response.raise_for_status()
            for piece in response.iter_bytes():
                found += piece
                if len(found) > MOST_BYTES:
                    raise WriterError(f"{self._shown} answered more than {MOST_BYTES:,} bytes, a passage was expected")
                _left(deadline)
        return found


def _left(deadline: float) -> float:
    import httpx

    left = deadline - time.monotonic()
    if left <= 0:
        raise httpx.ReadTimeout("timed out")
    return left


def _content(body: bytes, endpoint: str) -> str:
    try:
        found: Any = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError) as error:
        raise WriterError(
            f"{endpoint} gave {body[:80]!r}, expected a chat completion with choices[0].message.content; is the address "
            "that of an OpenAI-compatible API?"
        ) from error
    if not isinstance(found, str):
        raise WriterError(f"{endpoint} gave a {type(found).__name__} as content, expected text")
    return found
