from __future__ import annotations

import inspect

import pytest

from searchapp import AsyncSearchClient, SearchClient


@pytest.mark.parametrize("name", ["search", "search_batch", "similar", "translations_of", "probe"])
def test_the_asynchronous_methods_are_those_of_the_client(name: str) -> None:
    one, other = getattr(SearchClient, name), getattr(AsyncSearchClient, name)
    assert inspect.iscoroutinefunction(other)
    assert inspect.signature(one) == inspect.signature(other)
    assert one.__doc__ == other.__doc__


def test_the_asynchronous_client_takes_what_the_client_takes() -> None:
    given = dict(inspect.signature(AsyncSearchClient).parameters)
    threads = given.pop("threads")
    assert threads.default == 4
    assert given == dict(inspect.signature(SearchClient).parameters)
