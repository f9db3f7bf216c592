"""Any result has the same shape from the MCP tools and from the page's endpoints as from Python."""

from __future__ import annotations

import asyncio
from typing import Any

import gradio as gr
from any_result import Answering, check_shape, results
from hypothesis import HealthCheck, given, settings

from searchapp.datatypes import SearchResult
from ui.api import add_api
from ui.mcp_server import mcp_server

FEW = settings(max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


class OnePool:
    """A pool whose only collection gives a fixed result."""

    def __init__(self) -> None:
        self.result: SearchResult | None = None

    def client(self, name: str = "") -> Answering:
        assert self.result is not None
        return Answering(self.result)


POOL: Any = OnePool()
SERVER = mcp_server(POOL)
with gr.Blocks() as PAGE:
    add_api(POOL)
ENDPOINT: Any = next(function.fn for function in PAGE.fns.values() if function.api_name == "search")


@given(results())
@FEW
def test_the_structured_answer_of_the_mcp_tool(result: SearchResult) -> None:
    POOL.result = result
    _, structured = asyncio.run(SERVER.call_tool("search", {"query": "x"}))
    check_shape(structured)
    assert_same(structured, result)


@given(results())
@FEW
def test_the_endpoint_of_the_page(result: SearchResult) -> None:
    POOL.result = result
    record = ENDPOINT("x")
    check_shape(record)
    assert_same(record, result)


def assert_same(record: dict[str, Any], result: SearchResult) -> None:
    """Fail unless everything but the notes, from which the server's paths are removed, is the result's own."""
    expected = result.to_dict()
    assert len(record.pop("notes")) == len(expected.pop("notes"))
    assert record == expected
