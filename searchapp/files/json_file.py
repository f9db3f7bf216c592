"""Read and write JSON files that fit into memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from searchapp.errors import InputError
from searchapp.files.json_lines import BadRow, parse_json
from searchapp.files.opening import read_whole
from searchapp.files.replacing import replaced

MAX_JSON = 512 * 2**20
"""Maximum size of a JSON file in bytes."""


def read_json(path: Path) -> Any:
    """Parse a JSON file.

    Args:
        path: The file, plain or compressed.

    Raises:
        InputError: The file cannot be read, is not JSON, or is larger than `MAX_JSON`.
    """
    found = parse_json(read_whole(path, limit=MAX_JSON).removeprefix(b"\xef\xbb\xbf"))
    if isinstance(found, BadRow):
        raise InputError(f"not readable as JSON ({found.reason})", path=path)
    return found


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file atomically: readers see either the old content or the new one.

    Args:
        path: The file.
        value: A value that JSON can represent.
    """
    with replaced(path) as part:
        part.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
