"""A dataset that reads single rows fast."""

from __future__ import annotations

from typing import Any

from datasets import Dataset


class RowDataset(Dataset):  # type: ignore[misc]
    """A `Dataset` whose rows are read straight from their Arrow columns.

    A batch that mixes datasets is read row by row, and the formatting machinery behind `Dataset[row]` costs several times
    what the row does. Everything but a plain integer key without a format takes the usual way.
    """

    def __getitem__(self, key: Any) -> Any:
        """Read a row, or whatever else `Dataset` reads by this key."""
        if not isinstance(key, int) or self._format_type is not None or self._indices is not None or key < 0:
            return super().__getitem__(key)
        cached: tuple[Any, list[tuple[str, Any]]] | None = self.__dict__.get("_columns")
        if cached is None or cached[0] is not self._data:
            columns = [(name, self._data.table.column(name).combine_chunks()) for name in self.column_names]
            cached = (self._data, columns)
            self.__dict__["_columns"] = cached
        return {name: column[key].as_py() for name, column in cached[1]}

    def __getstate__(self) -> dict[str, Any]:
        """Leave the columns out: they are read again where they are needed."""
        return {name: value for name, value in self.__dict__.items() if name != "_columns"}
