"""SQuAD-style JSON, one file per language: a paragraph is a document, its sentences are its passages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from index_builder.rejects import Reject
from index_builder.sources.base import Columns, RowReader, file_digest
from index_builder.sources.opening import DAMAGED, open_bytes
from searchapp.datatypes import Document
from searchapp.errors import InputError
from searchapp.text.languages import NAMES
from searchapp.text.normalise import normalize


class SquadSource:
    """A file or a folder of them; the language is the file's stem when that is a code.

    Where a paragraph has `sentence_breaks` (LAReQA's XQuAD-R), they are the passages' boundaries.
    """

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self._files = sorted(path.glob("*.json*")) if path.is_dir() else [path]
        if not self._files:
            raise InputError("no .json files in this folder", path=path)
        self._read = (0, 0.0)

    def digest(self) -> str:
        """Hash of the files."""
        return file_digest(self._files)

    def fraction(self, items: int) -> float | None:
        """By the files read."""
        read, share = self._read
        return min(1.0, share * items / read) if read else None

    def __iter__(self) -> Iterator[Document | Reject]:
        count = 0
        for number, file in enumerate(self._files):
            articles = self._articles(file)
            for place, article in enumerate(articles):
                for item in self._paragraphs(file, place, article):
                    count += 1
                    self._read = (count, (number + (place + 1) / len(articles)) / len(self._files))
                    yield item

    def _articles(self, path: Path) -> list[Any]:
        try:
            with open_bytes(path) as (file, _):
                content = json.load(file)
        except (ValueError, *DAMAGED) as error:
            raise InputError(f"not readable as JSON ({error})", path=path) from error
        if isinstance(content, list):
            raise InputError(
                "a JSON list; expected SQuAD-style JSON, or one object per line (jq -c '.[]' FILE > FILE.jsonl)",
                path=path,
            )
        articles = content.get("data") if isinstance(content, Mapping) else None
        if not isinstance(articles, list):
            raise InputError('no list under "data"; expected SQuAD-style JSON {"data": [{"paragraphs": …}]}', path=path)
        return articles

    def _paragraphs(self, file: Path, place: int, article: Any) -> Iterator[Document | Reject]:
        stem = file.name.partition(".")[0]
        language = stem if stem in NAMES and stem != "und" else None
        reader = RowReader(str(file), Columns())
        paragraphs = article.get("paragraphs") if isinstance(article, Mapping) else None
        if not isinstance(paragraphs, list):
            yield reader.reject(place + 1, 'article without a list under "paragraphs"', "missing field", article)
            return
        title = normalize(str(article.get("title", ""))).replace("_", " ")
        for index, paragraph in enumerate(paragraphs):
            context = paragraph.get("context") if isinstance(paragraph, Mapping) else None
            if not isinstance(context, str) or not context.strip():
                reason = f'paragraph {index} of article {place + 1} has no text under "context"'
                yield reader.reject(place + 1, reason, "missing field", paragraph)
                continue
            text, boundaries = _normalized(context, paragraph.get("sentence_breaks"))
            yield Document(
                id=f"{stem}/{place}/{index}",
                text=text,
                title=title,
                language=language,
                boundaries=boundaries,
                metadata={"paragraph": f"{place}/{index}"},
            )


def _normalized(context: str, breaks: Any) -> tuple[str, tuple[tuple[int, int], ...] | None]:
    """Normalise a text piece by piece, so that its sentence breaks can follow; None without usable breaks."""
    spans = _boundaries(breaks, len(context))
    if spans is None:
        return normalize(context), None
    text, moved, done = "", [], 0
    for start, end in spans:
        text += normalize(context[done:start])
        first = len(text)
        text += normalize(context[start:end])
        moved.append((first, len(text)))
        done = end
    return text + normalize(context[done:]), tuple(moved)


def _boundaries(breaks: Any, length: int) -> list[tuple[int, int]] | None:
    """Sentence breaks in order and inside the text; None when there are none, or they are anything else."""
    if not isinstance(breaks, list) or not breaks:
        return None
    spans: list[tuple[int, int]] = []
    for pair in breaks:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(edge, int) for edge in pair)):
            return None
        start, end = pair
        if not (spans[-1][1] if spans else 0) <= start < end <= length:
            return None
        spans.append((start, end))
    return spans
