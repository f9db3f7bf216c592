"""Find rows that may be translations of each other, including through texts that several groups share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def related_groups(groups: Sequence[str], texts: Iterable[Sequence[str]]) -> NDArray[np.int64]:
    """Number the rows so that rows of one group, and of groups that share a text, have the same number.

    Two groups that share a sentence both translate it, so their other texts are also translations of one another although
    their groups differ. Tatoeba's pairs contain many of these.

    Args:
        groups: (rows,) group of each row.
        texts: Columns of texts, each (rows,).

    Returns:
        (rows,) numbers from 0.
    """
    parent = list(range(len(groups)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    columns: list[tuple[str, Sequence[str]]] = [("group", groups), *(("text", column) for column in texts)]
    first: dict[tuple[str, str], int] = {}
    for kind, column in columns:
        for row, value in enumerate(column):
            other = first.setdefault((kind, value), row)
            if other != row:
                one, two = root(row), root(other)
                parent[max(one, two)] = min(one, two)
    return np.unique([root(row) for row in range(len(groups))], return_inverse=True)[1].astype(np.int64)
