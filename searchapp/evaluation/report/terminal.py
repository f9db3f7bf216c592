"""A report in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from searchapp.evaluation.report.tables import Table

if TYPE_CHECKING:
    from rich.table import Table as RichTable


def rich_table(table: Table) -> RichTable:
    """One table for a rich console."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table as RichTable

    drawn = RichTable(
        title=escape(table.title),
        caption=escape(table.note) or None,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=0,
    )
    for place, column in enumerate(table.columns):
        # Headings break at every space, so that the figures fit into 80 columns and are never cut off.
        widest = max((len(row[place]) for row in table.rows), default=0)
        side: Literal["left", "right"] = "left" if place == 0 else "right"
        drawn.add_column(escape(column).replace(" ", "\n"), justify=side, min_width=min(widest, 34), overflow="fold")
    for place, row in enumerate(table.rows):
        drawn.add_row(*map(escape, row), style="bold" if place in table.emphasised else None)
    return drawn
