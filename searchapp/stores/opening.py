"""Open the catalog in a home folder or at a server address."""

from __future__ import annotations

import os
from pathlib import Path

from searchapp.errors import ConfigurationError
from searchapp.stores.base import Catalog


def default_home() -> Path:
    """Return `$SEARCHAPP_HOME`, else `~/.searchapp`."""
    return Path(os.environ.get("SEARCHAPP_HOME") or Path.home() / ".searchapp").expanduser()


def open_catalog(*, home: Path | str | None = None, url: str | None = None, prefer_grpc: bool | None = None) -> Catalog:
    """Open the embedded catalog under `home`, or the one on the Qdrant server at `url`.

    The server's key is read from `QDRANT_API_KEY`: keys are never arguments that could end up in a shell's history.

    Args:
        home: Folder of embedded collections; None for the default one.
        url: Address of a Qdrant server, or the addresses of several nodes with commas between them.
        prefer_grpc: Use gRPC where possible; None to read `QDRANT_GRPC` (`1` or `true` enable it).

    Raises:
        ConfigurationError: Both a home folder and a URL are given.
    """
    if url is not None and home is not None:
        raise ConfigurationError(f"both a home folder ({home}) and a server ({url}) are given; choose one")
    if url is not None:
        from searchapp.stores.server_catalog import connect

        if prefer_grpc is None:
            prefer_grpc = os.environ.get("QDRANT_GRPC", "").lower() in ("1", "true", "yes")
        return connect(url, api_key=os.environ.get("QDRANT_API_KEY"), prefer_grpc=prefer_grpc)
    from searchapp.stores.edge_catalog import EdgeCatalog

    return EdgeCatalog(Path(home).expanduser() if home is not None else default_home())
