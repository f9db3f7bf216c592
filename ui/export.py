"""Write the hits of a search as JSON or CSV for download."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Literal

from searchapp.datatypes import Hit

FIELDS = ("rank", "language", "title", "text", "document_id", "start", "end", "score", "id")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters of cells that a spreadsheet would evaluate as formulas."""
Format = Literal["json", "csv"]


def export(hits: Sequence[Hit], form: Format) -> str:
    """Write hits in a file format.

    Args:
        hits: Hits in the order of the file; may be empty.
        form: `json` for all fields, `csv` for a table that spreadsheets open without evaluating formulas.
    """
    if form == "json":
        return json.dumps([hit.to_dict() for hit in hits], ensure_ascii=False, indent=2)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(FIELDS)
    writer.writerows([_cell(getattr(hit, name)) for name in FIELDS] for hit in hits)
    return "\ufeff" + out.getvalue()  # the byte order mark tells spreadsheets that it is UTF-8


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
