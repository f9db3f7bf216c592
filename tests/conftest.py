from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("searchapp", deadline=None)  # how long an example takes is no property of the code
settings.load_profile("searchapp")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with the demo collection, built as `searchapp demo` builds it."""
    from ui.commands.demo import build_demo

    folder = tmp_path_factory.mktemp("demo")
    build_demo(folder, quiet=True)
    return folder
