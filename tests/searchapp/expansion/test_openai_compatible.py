"""Against a local server that speaks the protocol, well and badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from searchapp.errors import ConfigurationError, WriterError
from searchapp.expansion.openai_compatible import MOST_BYTES, OpenAICompatibleWriter

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        answers = self.server.answers
        with suppress(OSError):  # the client gave up, as it should
            (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def reply(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answers: list[Answer] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def says(text: object) -> Answer:
    return lambda handler: handler.reply(json.dumps({"choices": [{"message": {"content": text}}]}).encode())


def status(code: int) -> Answer:
    return lambda handler: handler.reply(b'{"error": "no"}', code)


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
        begun = time.monotonic()
        with pytest.raises(WriterError, match=r"no answer in 0\.3 s"):
            OpenAICompatibleWriter(server.url, model="m", timeout=0.3).passage("q", ["en"])
        assert time.monotonic() - begun < 3
    stop.set()


def test_nobody_listening_and_addresses_that_are_none() -> None:
    with pytest.raises(WriterError, match="no answer"):
        OpenAICompatibleWriter("http://127.0.0.1:9/v1", model="m", timeout=2).passage("q", ["en"])
    for url in ("file:///etc/passwd", "localhost:8000", ""):
        with pytest.raises(ConfigurationError, match="expected one such as"):
            OpenAICompatibleWriter(url, model="m")
    with pytest.raises(ConfigurationError, match="above 0"):
        OpenAICompatibleWriter("http://x/v1", model="m", timeout=0)
