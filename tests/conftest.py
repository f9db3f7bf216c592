from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("searchapp", deadline=None)  # how long an example takes is no property of the code
settings.load_profile("searchapp")


@pytest.fixture(autouse=True)
def _empty_server(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lend the server of QDRANT_TEST_URL to a test marked `server`, and empty it afterwards."""
    if request.node.get_closest_marker("server") is None:
        yield
        return
    url = os.environ.get("QDRANT_TEST_URL")
    if not url:
        pytest.skip("QDRANT_TEST_URL names no Qdrant server")
    from qdrant_client import QdrantClient

    client = QdrantClient(url=url, api_key=os.environ.get("QDRANT_API_KEY"), check_compatibility=False)
    names = [found.name for found in client.get_collections().collections]
    assert not names, f"the server of QDRANT_TEST_URL must be empty, because tests delete what is on it; it has {names}"
    yield
    for found in client.get_collections().collections:
        client.delete_collection(found.name)
    client.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide a home folder with the demo collection, built as `searchapp demo` builds it."""
    from ui.commands.demo import build_demo

    folder = tmp_path_factory.mktemp("demo")
    build_demo(folder, quiet=True)
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Allow reports with lone surrogates (hostile queries in a captured log) to pass between the processes of a test run."""
    return _encodable((yield))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_encodable(item) for item in value)
    return value
