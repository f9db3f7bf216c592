"""Read SQuAD-style JSON, one file per language: paragraphs become documents, their sentences passages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from index_builder.rejects import Reject
from index_builder.sources.base import ReadOptions, file_digest
from index_builder.sources.rows import RowReader, SeenIds
from searchapp.datatypes import Document
from searchapp.errors import InputError, UnreadableFileError
from searchapp.files.encodings import open_text
from searchapp.files.json_array import scan_json_array
from searchapp.files.json_lines import BadRow
from searchapp.files.squad import is_squad_name, squad_document_id, squad_stem
from searchapp.text.languages import NAMES, canonical
from searchapp.text.normalise import normalize

WORD = 3
"""Minimum letters and digits of text outside the sentence breaks to become a passage; less is a bullet or an error."""


class SquadSource:
    """Reads a file or a folder of files. The language is the last part of the file's name that is a code.

    `sentence_breaks` of a paragraph (LAReQA's XQuAD-R) are the boundaries of its passages. Words outside them form
    passages of their own after these.

    Args:
        path: File or folder.
        options: How to read it.
        place: The file's name inside a folder, the prefix of the ids.
        language: Language of a file whose name has no code; None to detect it.
        seen: Ids of the files read before.
    """

    def __init__(
        self,
        path: Path,
        options: ReadOptions | None = None,
        *,
        place: str = "",
        language: str | None = None,
        seen: SeenIds | None = None,
    ) -> None:
        self.path = str(path)
        self._options = options or ReadOptions()
        self._place, self._language, self._seen = place, language, seen
        self._files = sorted(filter(is_squad_name, path.iterdir())) if path.is_dir() else [path]
        if not self._files:
            raise InputError("no .json files in this folder", path=path)
        self._read = (0, 0.0)

    def digest(self) -> str:
        """Hash the files."""
        return file_digest((file.name, file) for file in self._files)

    def fraction(self, items: int) -> float | None:
        """Return the share of the files read so far.

        Args:
            items: Number of items that are finished, rejects included; 0 or more.
        """
        read, share = self._read
        return min(1.0, share * items / read) if read else None

    def __iter__(self) -> Iterator[Document | Reject]:
        count, seen = 0, SeenIds() if self._seen is None else self._seen
        for number, file in enumerate(self._files):
            reader = RowReader(self._place or str(file), seen=seen)
            try:
                for item, share in self._articles(file, reader):
                    count += 1
                    self._read = (count, (number + share) / len(self._files))
                    yield item
            except UnreadableFileError as error:
                yield reader.reject(0, error.reason, error.kind)

    def _articles(self, file: Path, reader: RowReader) -> Iterator[tuple[Document | Reject, float]]:
        with open_text(file, encoding=self._options.encoding) as text:
            for place, article in scan_json_array(text):
                for item in self._paragraphs(file, place - 1, article, reader):
                    yield item, text.file.share

    def _paragraphs(self, file: Path, place: int, article: object, reader: RowReader) -> Iterator[Document | Reject]:
        paragraphs = article.get("paragraphs") if isinstance(article, Mapping) else None
        if isinstance(article, BadRow):
            yield reader.reject(place + 1, article.reason, article.kind, article.raw)
        elif not isinstance(article, Mapping) or not isinstance(paragraphs, list):
            yield reader.reject(place + 1, 'article without a list under "paragraphs"', "missing field", article)
        else:
            title = normalize(str(article.get("title", ""))).replace("_", " ")
            for index, paragraph in enumerate(paragraphs):
                yield self._document(file, (place, index), paragraph, title=title, reader=reader)

    def _document(
        self, file: Path, place: tuple[int, int], paragraph: Any, *, title: str, reader: RowReader
    ) -> Document | Reject:
        context = paragraph.get("context") if isinstance(paragraph, Mapping) else None
        if not isinstance(context, str):
            reason = f'paragraph {place[1]} of article {place[0] + 1} has no text under "context"'
            return reader.reject(place[0] + 1, reason, "missing field", paragraph)
        text, boundaries = _normalized(context, paragraph.get("sentence_breaks"))
        identity = squad_document_id(file, article=place[0], paragraph=place[1])
        document = Document(
            id=f"{self._place}#{place[0]}/{place[1]}" if self._place else identity,
            text=text,
            title=title,
            language=_language_of(file) or self._language,
            boundaries=boundaries,
            metadata={"paragraph": f"{place[0]}/{place[1]}"},
        )
        return reader.document(document, place[0] + 1)


def _language_of(file: Path) -> str | None:
    """Find the code in a name such as `de.json` or `xquad.de.json`."""
    for part in reversed(squad_stem(file).split(".")):
        if canonical(part) in NAMES and canonical(part) != "und":
            return canonical(part)
    return None


def _normalized(context: str, breaks: Any) -> tuple[str, tuple[tuple[int, int], ...] | None]:
    """Normalise a text in pieces and adjust its sentence breaks; None without usable breaks."""
    spans = _boundaries(breaks, len(context))
    if spans is None:
        return normalize(context), None
    text, moved, outside, done = "", [], [], 0
    for start, end in [*spans, (len(context), len(context))]:
        between = normalize(context[done:start])
        if sum(map(str.isalnum, between)) >= WORD:
            outside.append((len(text), len(text) + len(between)))
        text += between
        piece = normalize(context[start:end])
        if piece:
            moved.append((len(text), len(text) + len(piece)))
        text += piece
        done = end
    return text, (*moved, *outside)


def _boundaries(breaks: Any, length: int) -> list[tuple[int, int]] | None:
    """Check that sentence breaks are in order and inside the text; None if there are none or they are invalid."""
    if not isinstance(breaks, list) or not breaks:
        return None
    spans: list[tuple[int, int]] = []
    for pair in breaks:
        if not (isinstance(pair, list) and len(pair) == 2 and all(type(edge) is int for edge in pair)):
            return None
        start, end = pair
        if not (spans[-1][1] if spans else 0) <= start < end <= length:
            return None
        spans.append((start, end))
    return spans
