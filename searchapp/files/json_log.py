"""Append to and read logs of one JSON object per line, which an interrupted process may leave with a truncated line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def append_json(path: Path, record: Mapping[str, Any]) -> None:
    """Add a line to a log.

    Args:
        path: The log, created if it does not exist.
        record: A record that JSON can represent.
    """
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def read_log(path: Path) -> Iterator[dict[str, Any]]:
    """Read the complete records of a log; truncated lines are skipped.

    Args:
        path: The log; a missing one has no records.
    """
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(record, dict):
            yield record
