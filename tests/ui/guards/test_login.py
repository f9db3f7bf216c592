"""Test the login: guessing is slow, and only the login page is available before it."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import httpx
import pytest

from ui.guards import attempts as limits
from ui.guards.attempts import FREE, LONGEST, Attempts
from ui.guards.login import LoginGuard
from ui.safety import login_check


class Clock:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_address_waits_longer_with_each_wrong_password() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    assert [attempts.begin("192.0.2.1") for _ in range(FREE)] == [0.0] * FREE
    waits = []
    for _ in range(12):
        wait = attempts.begin("192.0.2.1")
        waits.append(wait)
        assert attempts.begin("192.0.2.1") == wait  # asking again does not get in, nor make it longer
        clock.now += wait
        assert attempts.begin("192.0.2.1") == 0.0
    assert waits == [min(2.0**step, LONGEST) for step in range(12)]
    assert attempts.begin("192.0.2.2") == 0.0  # others are not kept waiting


def test_a_right_password_and_a_long_pause_forget_the_failures() -> None:
    clock = Clock()
    attempts = Attempts(clock=clock)
    for _ in range(FREE):
        attempts.begin("192.0.2.1")
    attempts.succeeded("192.0.2.1")
    assert [attempts.begin("192.0.2.1") for _ in range(FREE)] == [0.0] * FREE
    clock.now += LONGEST + 1
    assert [attempts.begin("192.0.2.1") for _ in range(FREE)] == [0.0] * FREE


def test_addresses_of_one_client_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = Attempts(clock=Clock())
    waits = [attempts.begin(f"2001:db8::{row:x}") for row in range(FREE + 1)]
    assert waits[-1] > 0
    assert attempts.begin("2001:db8:1::1") == 0.0
    assert all(attempts.begin("::ffff:192.0.2.7") == 0 for _ in range(FREE))
    assert attempts.begin("192.0.2.7") > 0
    monkeypatch.setattr(limits, "REMEMBERED", 3)
    for row in range(50):
        attempts.begin(f"198.51.100.{row}")
    assert len(attempts._failed) == 3


def test_the_comparison_takes_the_same_steps_for_every_name_and_length(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return one == other

    monkeypatch.setattr("ui.safety.hmac.compare_digest", compare)
    check = login_check({"ada": "secret", "long": "x" * 1000})
    assert [check(*pair) for pair in (("ada", "secret"), ("ada", "s"), ("eve", ""), ("long", "x"), ("", "\ud800"))] == [
        True, False, False, False, False,
    ]  # fmt: skip
    assert compared == [(32, 32)] * 5


class Page:
    """Simulates the page behind the guard: logs in `ada` and answers everything else."""

    def __init__(self) -> None:
        self.reached: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached.append(scope["path"])
        body = (await receive())["body"] if scope["method"] == "POST" else b""
        status = 400 if scope["path"] == "/login" and body != b"right" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def guard(slept: list[float]) -> LoginGuard:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return LoginGuard(
        Page(),
        check=login_check({"ada": "right"}),
        session=lambda cookies: {"good": "ada"}.get(cookies.get("token", "")),
        attempts=Attempts(clock=Clock()),
        sleep=sleep,
    )


def together(guard: LoginGuard, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
    async def asked() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url="http://127.0.0.1") as client:
            return list(
                await asyncio.gather(
                    *(client.request(method, f"http://127.0.0.1{path}", **more) for method, path, more in requests)
                )
            )

    return asyncio.run(asked())


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.mark.parametrize("path", ["/login", "/v1/search"])
def test_a_hundred_and_fifty_guesses_at_once_get_five_answers(guard: LoginGuard, slept: list[float], path: str) -> None:
    more = {"content": b"wrong"} if path == "/login" else {"headers": basic("ada", "wrong")}
    answers = together(guard, *[("POST", path, more)] * 150)
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(429) == 150 - FREE
    assert len(slept) == FREE and min(slept) > 0
    late = next(answer for answer in answers if answer.status_code == 429)
    assert int(late.headers["retry-after"]) >= 1
    assert "try again in" in late.json()["error"]["message"]
    right = {"content": b"right"} if path == "/login" else {"headers": basic("ada", "right")}
    assert together(guard, ("POST", path, right))[0].status_code == 429


def test_a_right_password_opens_and_is_not_held_back(guard: LoginGuard, slept: list[float]) -> None:
    for _ in range(FREE * 3):
        for path, more in (("/login", {"content": b"right"}), ("/v1/search", {"headers": basic("ada", "right")})):
            assert together(guard, ("POST", path, more))[0].status_code == 200
    assert slept == []


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/cancel", "/gradio_api/reset", "/gradio_api/reset/", "/gradio_api/stream/x", "/gradio_api/heartbeat/x", "/config",
     "//config", "/gradio_api/queue/join", "/gradio_api/mcp/", "/v1/search", "/metrics", "/v1/openapi.json", "/gradio_api/vibe-code",
     "/gradio_api/token", "/Login", "/login/x", "/gradio_api/custom_component/a/b/c/d"],
)  # fmt: skip
def test_everything_else_is_behind_the_login(guard: LoginGuard, path: str) -> None:
    for method in ("GET", "POST"):
        refused, stale, known = together(
            guard, (method, path, {}), (method, path, {"headers": {"cookie": "token=bad"}}),
            (method, path, {"headers": {"cookie": "token=good"}}),
        )  # fmt: skip
        assert (refused.status_code, stale.status_code, known.status_code) == (401, 401, 200)


def test_the_login_page_and_its_parts_are_open(guard: LoginGuard) -> None:
    for path in ("/", "/assets/index.js", "/static/fonts/x.woff2", "/theme.css", "/health"):
        assert together(guard, ("GET", path, {}))[0].status_code == 200


def test_only_programs_are_asked_for_basic_credentials(guard: LoginGuard) -> None:
    programs, page = together(guard, ("GET", "/v1/search", {}), ("GET", "/config", {}))
    assert "Basic" in programs.headers["www-authenticate"]
    assert "www-authenticate" not in page.headers  # a browser would show a window of its own


@pytest.mark.parametrize(
    "value", ["Basic %%%", "Bearer x", "Basic", "Basic " + base64.b64encode(b"ada").decode(), "Basic 4pyT/w=="]
)
def test_credentials_that_cannot_be_read_are_none(guard: LoginGuard, value: str) -> None:
    assert together(guard, ("GET", "/v1/search", {"headers": {"authorization": value}}))[0].status_code == 401
