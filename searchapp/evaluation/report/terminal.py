"""Show a report in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from searchapp.evaluation.report.tables import Table

if TYPE_CHECKING:
    from rich.table import Table as RichTable


def rich_table(table: Table) -> RichTable:
    """Convert a table for a rich console; markup in the table is shown literally.

    Args:
        table: Table of a report; its note becomes the caption.
    """
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(
        title=Text(table.title),
        caption=Text(table.note) if table.note else None,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=0,
    )
    for place, column in enumerate(table.columns):
        # Headings break at every space, so that the figures fit into 80 columns and are never truncated.
        widest = max((len(row[place]) for row in table.rows), default=0)
        side: Literal["left", "right"] = "left" if place == 0 else "right"
        drawn.add_column(Text(column.replace(" ", "\n")), justify=side, min_width=min(widest, 34), overflow="fold")
    for place, row in enumerate(table.rows):
        drawn.add_row(*map(Text, row), style="bold" if place in table.emphasised else None)
    return drawn
