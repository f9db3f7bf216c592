"""Format tables as Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """Format a table whose first line is the header.

    Args:
        lines: Cells of each line, the header first; all lines have the same number of cells.
    """
    head, *rows = ("| " + " | ".join(line) + " |" for line in lines)
    return "\n".join([head, "|" + "---|" * len(lines[0]), *rows])
