"""Test the writer against a local server that implements the protocol correctly or incorrectly."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from writer_server import Answer, Handler, Server, says, serving, status

from searchapp.errors import ConfigurationError, WriterError
from searchapp.expansion.openai_compatible import MOST_BYTES, OpenAICompatibleWriter


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def test_it_asks_as_the_protocol_says_and_gives_the_answer(server: Server) -> None:
    server.answers = [says("Plants make sugar from light.")]
    writer = OpenAICompatibleWriter(server.url + "/", model="small", key="secret")
    assert writer.passage("why are leaves green", ["en"]) == "Plants make sugar from light."
    path, headers, body = server.asked[0]
    assert (path, headers["Authorization"], body["model"]) == ("/v1/chat/completions", "Bearer secret", "small")
    assert body["messages"][-1] == {"role": "user", "content": "why are leaves green"}
    assert len(body["messages"]) == 2, "short queries are asked without examples"
    assert "English" in body["messages"][0]["content"]
    server.answers = [says("Warum sind Blätter grün")]
    assert OpenAICompatibleWriter(server.url, model="m").translate("why", "en", "de") == "Warum sind Blätter grün"
    _, headers, body = server.asked[1]
    assert "Authorization" not in headers
    assert "from English to German" in body["messages"][0]["content"]


def test_a_passing_failure_is_tried_again_and_a_lasting_one_is_not(server: Server) -> None:
    writer = OpenAICompatibleWriter(server.url, model="m")
    server.answers = [status(500), says("done")]
    assert writer.passage("q", ["en"]) == "done"
    server.answers = [status(500)]
    with pytest.raises(WriterError, match="answered 500"):
        writer.passage("q", ["en"])
    assert len(server.asked) == 4
    server.answers = [status(401)]
    with pytest.raises(WriterError, match="answered 401"):
        writer.passage("q", ["en"])
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda handler: handler.reply(b"<html>not JSON"), "expected a chat completion"),
        (lambda handler: handler.reply(b"[]"), "expected a chat completion"),
        (lambda handler: handler.reply(b'{"choices": []}'), "expected a chat completion"),
        (lambda handler: handler.reply(b""), "expected a chat completion"),
        (lambda handler: handler.reply(b'{"choices": [{"message": {"content": "' + b"x" * MOST_BYTES), "more than"),
        (says(None), "NoneType as content"),
        (says("  "), "answer is empty"),
        (says("<think>let me see</think>"), "answer is empty"),
    ],
    ids=["html", "list", "no choice", "empty body", "huge", "null", "blank", "thought alone"],
)
def test_bad_answers_are_errors_that_say_what_came(server: Server, answer: Answer, message: str) -> None:
    server.answers = [answer]
    with pytest.raises(WriterError, match=message):
        OpenAICompatibleWriter(server.url, model="m").passage("q", ["en"])


def test_a_slow_server_is_left_in_time_also_when_it_drips(server: Server) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    stop = threading.Event()
    for answer in (drip, lambda handler: stop.wait(5)):
        server.answers = [answer]  # type: ignore[list-item]
        with pytest.raises(WriterError, match=r"no answer in 0\.3 s"):
            OpenAICompatibleWriter(server.url, model="m", timeout=0.3).passage("q", ["en"])
    stop.set()


def test_nobody_listening_and_addresses_that_are_none() -> None:
    with pytest.raises(WriterError, match="no answer"):
        OpenAICompatibleWriter("http://127.0.0.1:9/v1", model="m", timeout=2).passage("q", ["en"])
    for url in ("file:///etc/passwd", "localhost:8000", ""):
        with pytest.raises(ConfigurationError, match="expected one such as"):
            OpenAICompatibleWriter(url, model="m")
    with pytest.raises(ConfigurationError, match="above 0"):
        OpenAICompatibleWriter("http://x/v1", model="m", timeout=0)
