"""Logs of one JSON object per line, which a killed process may have left with a line that is cut short."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def append_json(path: Path, record: Mapping[str, Any]) -> None:
    """Add a line to a log.

    Args:
        path: The log; it is made when it does not exist.
        record: What JSON can hold.
    """
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def read_log(path: Path) -> Iterator[dict[str, Any]]:
    """Read the whole records of a log; lines that a kill cut short are passed over.

    Args:
        path: The log; one that does not exist has no records.
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
