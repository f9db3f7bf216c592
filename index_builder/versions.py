"""Names of versions, and which old ones go."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from searchapp.errors import CollectionNotFoundError
from searchapp.stores.base import Catalog


def new_version(pointer: Path, *, suffix: str) -> str:
    """Name a version by the time and note it in a file, so that an abandoned one can be found and removed."""
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")[:-3]
    temporary = pointer.with_suffix(".tmp")
    temporary.write_text(f"{stamp}-{suffix}", encoding="utf-8")
    temporary.replace(pointer)
    return f"{stamp}-{suffix}"


def complete_versions(catalog: Catalog, collection: str) -> list[str]:
    """Names of the complete versions; empty where there is no collection."""
    try:
        return [info.version for info in catalog.versions(collection)]
    except CollectionNotFoundError:
        return []


def prune(catalog: Catalog, collection: str, *, keep: int) -> None:
    """Delete the oldest versions; the live one and `keep` others stay."""
    old = [info.version for info in catalog.versions(collection) if not info.live]
    for version in old[: max(0, len(old) - keep)]:
        catalog.delete_version(collection, version)
