from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from index_builder.rejects import Reject
from searchapp.datatypes import Document


def split(items: Iterable[Document | Reject]) -> tuple[list[Document], list[Reject]]:
    found = list(items)
    return [i for i in found if isinstance(i, Document)], [i for i in found if isinstance(i, Reject)]


def write(path: Path, *rows: object) -> Path:
    path.write_bytes(b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows))
    return path
