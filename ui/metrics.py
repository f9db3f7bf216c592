"""Count requests and searches and serve the counts at `/metrics`, in Prometheus' text format."""

from __future__ import annotations

import time
from collections.abc import Collection

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.responses import Response

from ui.guards.asgi import App, Message, Receive, Scope, Send

ROUTES = frozenset(
    (
        "/", "/health", "/metrics", "/v1/search", "/v1/collections", "/v1/languages", "/v1/documents", "/v1/embeddings",
        "/v1/rerank", "/v1/openapi.json",
    )
)  # fmt: skip
"""Paths that are labels of their own. All others are counted as `page`, because anybody may invent paths."""
METHODS = frozenset(("GET", "HEAD", "POST", "DELETE", "OPTIONS"))
MOST_COLLECTIONS = 100
"""Maximum number of collections that are labels of their own; later ones are counted as `other`."""


class Metrics:
    """The counts of one server. Thread-safe."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "searchapp_requests", "HTTP requests.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "searchapp_request_seconds", "Seconds from a request to the end of its response.", ("route",),
            registry=self.registry,
        )  # fmt: skip
        self._searches = Counter(
            "searchapp_searches", "Searches by REST that gave a result.", ("collection",), registry=self.registry
        )
        self._collections: set[str] = set()

    def answered(self, *, method: str, path: str, status: int, seconds: float) -> None:
        """Count a request.

        Args:
            method: HTTP method of the request.
            path: Path of the request.
            status: HTTP status code of the response.
            seconds: Time from the request to the end of the response, in seconds.
        """
        route = _label(path, ROUTES, other="page")
        self._requests.labels(_label(method, METHODS, other="other"), route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def searched(self, collection: str) -> None:
        """Count a search.

        Args:
            collection: The collection that was searched.
        """
        if len(self._collections) < MOST_COLLECTIONS:
            self._collections.add(collection)
        self._searches.labels(_label(collection, self._collections, other="other")).inc()

    def text(self) -> bytes:
        """Write all counts in Prometheus' text format."""
        return generate_latest(self.registry)


class RequestMetrics:
    """ASGI middleware that counts and times the requests.

    Args:
        app: ASGI application that answers the requests.
        metrics: Counts and times of the requests so far.
    """

    def __init__(self, app: App, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it when its response is complete."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500  # if the application fails before it starts a response

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        path = str(scope["path"])  # a mount changes the scope's path
        try:
            await self._app(scope, receive, sent)
        finally:
            seconds = time.perf_counter() - started
            self._metrics.answered(method=scope["method"], path=path, status=status, seconds=seconds)


def add_metrics(app: FastAPI, metrics: Metrics) -> None:
    """Add `/metrics` to an application.

    Args:
        app: Application that gets the route.
        metrics: Counts and times of the requests so far.
    """

    @app.get("/metrics")
    def counts() -> Response:
        """Return the counts of this server since it started."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _label(value: str, known: Collection[str], *, other: str) -> str:
    return value if value in known else other
