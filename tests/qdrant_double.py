"""Serve qdrant-client's in-memory engine over HTTP, so that several processes can use it like a server.

Requests and answers have the form of Qdrant 1.18's REST API, for the routes that the product uses.
"""

from __future__ import annotations

import json
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel
from qdrant_client import QdrantClient, models

Route = tuple[str, str, Callable[..., Any]]


class Routes:
    """Answers of each route. One request at a time, as the engine demands.

    Args:
        client: The engine.
    """

    def __init__(self, client: QdrantClient) -> None:
        self.client = client
        one = r"/collections/([^/]+)"
        self.routes: list[Route] = [
            ("GET", r"/collections", lambda body: client.get_collections()),
            ("POST", r"/collections/aliases", self.aliases),
            ("GET", r"/aliases", lambda body: client.get_aliases()),
            ("GET", r"/cluster", lambda body: {"status": "disabled"}),
            ("GET", rf"{one}/exists", lambda body, name: {"exists": client.collection_exists(name)}),
            ("GET", one, lambda body, name: client.get_collection(name)),
            ("PUT", one, self.create),
            ("PATCH", one, lambda body, name: True),
            ("DELETE", one, lambda body, name: client.delete_collection(name)),
            ("PUT", rf"{one}/index", self.index),
            ("PUT", rf"{one}/points", self.upsert),
            ("POST", rf"{one}/points", self.retrieve),
            ("POST", rf"{one}/points/scroll", self.scroll),
            ("POST", rf"{one}/points/count", self.count),
            ("POST", rf"{one}/points/delete", self.delete),
            ("POST", rf"{one}/points/query", self.query),
            ("POST", rf"{one}/points/query/batch", self.queries),
            ("POST", rf"{one}/facet", self.facet),
        ]

    def answer(self, method: str, path: str, body: Any) -> Any:
        for verb, pattern, route in self.routes:
            if verb == method and (found := re.fullmatch(pattern, path)):
                return route(body, *found.groups())
        raise LookupError(f"no route {method} {path}")

    def aliases(self, body: Any) -> bool:
        return self.client.update_collection_aliases(models.ChangeAliasesOperation(**body).actions)

    def create(self, body: Any, name: str) -> bool:
        wanted = models.CreateCollection(**body)
        return self.client.create_collection(
            name, vectors_config=wanted.vectors, sparse_vectors_config=wanted.sparse_vectors
        )

    def index(self, body: Any, name: str) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.client.create_payload_index(name, body["field_name"], body["field_schema"])

    def upsert(self, body: Any, name: str) -> Any:
        return self.client.upsert(name, models.PointsList(**body).points)

    def retrieve(self, body: Any, name: str) -> Any:
        wanted = models.PointRequest(**body)
        return self.client.retrieve(
            name, wanted.ids, with_payload=wanted.with_payload, with_vectors=wanted.with_vector or False
        )

    def scroll(self, body: Any, name: str) -> Any:
        wanted = models.ScrollRequest(**body)
        points, offset = self.client.scroll(
            name,
            scroll_filter=wanted.filter,
            limit=wanted.limit or 10,
            offset=wanted.offset,
            with_payload=wanted.with_payload,
            with_vectors=wanted.with_vector or False,
        )
        return {"points": [plain(point) for point in points], "next_page_offset": offset}

    def count(self, body: Any, name: str) -> Any:
        return self.client.count(name, models.CountRequest(**body).filter)

    def delete(self, body: Any, name: str) -> Any:
        selector = models.FilterSelector(**body) if "filter" in body else models.PointIdsList(**body)
        return self.client.delete(name, selector)

    def query(self, body: Any, name: str) -> Any:
        return self.queries({"searches": [body]}, name)[0]

    def queries(self, body: Any, name: str) -> Any:
        requests = models.QueryRequestBatch(**body).searches
        return [plain(answer) for answer in self.client.query_batch_points(name, requests)]

    def facet(self, body: Any, name: str) -> Any:
        wanted = models.FacetRequest(**body)
        return self.client.facet(name, wanted.key, facet_filter=wanted.filter, limit=wanted.limit or 10)


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


class Double(ThreadingHTTPServer):
    """The server; `url` is its address and `client` the engine behind it."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.client = QdrantClient(":memory:")
        self.routes = Routes(self.client)
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Double

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            body = json.loads(content) if content else None
            with self.server.lock:
                result = plain(self.server.routes.answer(self.command, urlsplit(self.path).path, body))
            self.reply(200, {"result": result, "status": "ok", "time": 0.0})
        except (LookupError, ValueError) as error:
            status = 404 if "not found" in str(error) else 409 if "already exists" in str(error) else 400
            self.reply(status, {"status": {"error": str(error)}, "time": 0.0})

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815

    def reply(self, status: int, answer: object) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None: ...


@contextmanager
def serving() -> Iterator[Double]:
    """Serve an empty engine until the block ends."""
    double = Double()
    thread = threading.Thread(target=double.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield double
    finally:
        double.shutdown()
        thread.join()
        double.server_close()
        double.client.close()
