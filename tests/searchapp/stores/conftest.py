from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import EVERY_ENGINE, open_catalog

from searchapp.stores.base import Catalog


@pytest.fixture(params=EVERY_ENGINE)
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    """Provide an empty catalog of each engine in turn."""
    found = open_catalog(request.param, tmp_path)
    yield found
    found.close()
