"""Read JSON files that contain an array of objects."""

from __future__ import annotations

from collections.abc import Iterator

from index_builder.sources.base import RowSource
from searchapp.files.encodings import open_text
from searchapp.files.json_array import scan_json_array


class JsonArraySource(RowSource):
    """Reads the objects of an array. Line numbers are the elements' 1-based positions."""

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Read the elements.

        Yields:
            The 1-based element, its value or a BadRow, and the share of the file read.
        """
        with open_text(self.file, encoding=self.options.encoding) as text:
            for place, row in scan_json_array(text):
                yield place, row, text.file.share
