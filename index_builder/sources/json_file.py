"""JSON files whose value is an array of objects."""

from __future__ import annotations

from collections.abc import Iterator

from index_builder.sources.base import RowSource
from searchapp.files.encodings import open_text
from searchapp.files.json_array import scan_json_array


class JsonArraySource(RowSource):
    """Read the objects of one array; line numbers are the elements' places from 1."""

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Read the elements.

        Yields:
            The 1-based element, its value or a BadRow, and the share of the file read.
        """
        with open_text(self.file, encoding=self.options.encoding) as text:
            for place, row in scan_json_array(text):
                yield place, row, text.file.share
