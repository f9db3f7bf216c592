"""Extract the part of a passage that shares most with the query, and the words to highlight in it.

```python
from searchapp import snippet

for hit in result.hits:
    excerpt = snippet(hit.text, result.spans, hit.language)
    print("".join(f"**{text}**" if marked else text for text, marked in excerpt.pieces))
```
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from searchapp.datatypes import LanguageSpan
from searchapp.errors import InputError
from searchapp.text.highlights import GRAPHEME, Match, find_matches, grapheme_edges, is_unspaced
from searchapp.text.passages import sentences

LENGTH = 240
"""Maximum length of an excerpt in columns: two to three lines of a page."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """An excerpt of a passage; `text == passage[start:end]`.

    Attributes:
        highlights: Parts that match the query, in order and disjoint; offsets into the passage, like `start`.
        start: Offset of the first character (Unicode code points). Add `hit.start` for the offset in the document.
        end: Offset after the last character.
    """

    text: str
    highlights: tuple[tuple[int, int], ...]
    start: int
    end: int

    @property
    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """Return the excerpt as pairs of text and whether it is highlighted; joined, the texts give `text`."""
        cuts = [self.start, *(offset for span in self.highlights for offset in span), self.end]
        found = (
            (self.text[start - self.start : end - self.start], place % 2 == 1)
            for place, (start, end) in enumerate(pairwise(cuts))
        )
        return tuple(piece for piece in found if piece[0])


def snippet(
    text: str, query: str | Sequence[LanguageSpan], language: str = "und", *, length: int | None = LENGTH
) -> Snippet:
    """Extract the part of a passage that shares most with a query, or its beginning if they share no word.

    An excerpt begins at a sentence where possible. It ends at a sentence, at a space, or between two characters of a
    script without spaces. It never separates a letter from its marks.

    Args:
        text: The passage.
        query: A result's `spans`, or a string, which is taken to be in the passage's language.
        language: The passage's BCP 47 primary subtag, or `und`.
        length: Maximum number of columns, or None for the whole passage. A Chinese character takes two, a combining mark
            none.

    Raises:
        InputError: The length is not positive.
    """
    if length is not None and length < 1:
        raise InputError(f"snippet length {length}: expected 1 or more columns, or None for the whole passage")
    matches = find_matches(text, query, language)
    start, end = (0, len(text)) if length is None else _excerpt(text, matches, language, length)
    start, end = _trimmed(text, start, end)
    spans = tuple((match.start, match.end) for match in matches if start <= match.start and match.end <= end)
    return Snippet(text=text[start:end], highlights=spans, start=start, end=end)


def _excerpt(text: str, matches: Sequence[Match], language: str, length: int) -> tuple[int, int]:
    columns = list(accumulate(map(_width, text), initial=0))
    if columns[-1] <= length:
        return 0, len(text)
    edges = grapheme_edges(text)
    ends = [end for _, end in sentences(text, language)]
    clauses = sorted({0, *ends, *(edge for edge in edges[1:-1] if _is_clause(text, edge))})
    breaks = sorted({*clauses, *(edge for edge in edges[1:-1] if is_unspaced(text[edge]))})
    begins = [match.start for match in matches]

    def end_of(start: int) -> int:
        """Return the last break within the length, or a better one if that drops no match and little text."""
        reach = bisect_right(columns, columns[start] + length) - 1
        while reach < len(text) and text[reach].isspace():  # a trailing space is not shown
            reach += 1
        last = _last(breaks, start, reach) or _last(edges, start, reach) or edges[bisect_right(edges, start)]
        for places, share in ((ends, 0.5), (clauses, 0.75)):
            end = _last(places, start, last)
            if end and columns[end] - columns[start] >= share * length and worth(start, end) == worth(start, last):
                return end
        return last

    def worth(start: int, end: int) -> int:
        """Count the letters of different query words."""
        inside = matches[bisect_left(begins, start) : bisect_left(begins, end)]
        return sum(map(len, {match.what for match in inside if match.end <= end}))

    def preference(start: int) -> tuple[int, bool, bool, int, int]:
        at_sentence = start == 0 or start in ends
        first = bisect_left(begins, start)
        gap = columns[begins[first]] - columns[start] if at_sentence and first < len(begins) else 0
        return worth(start, end_of(start)), at_sentence, start in clauses, -gap, -start

    before = [(begin, bisect_left(columns, columns[begin] - length // 5)) for begin in begins]
    inner = (min(begin, places[bisect_left(places, far)]) for places in (clauses, breaks) for begin, far in before)
    start = max({0, *ends[:-1], *inner}, key=preference)
    return start, end_of(start)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Strip white space at both ends, except a space that carries a mark."""
    end = start + len(text[start:end].rstrip())
    first = next((found.start() for found in GRAPHEME.finditer(text, start, end) if not found.group().isspace()), end)
    return first, end


def _last(places: Sequence[int], start: int, reach: int) -> int:
    """Return the last place after the start and within reach; 0 if there is none."""
    place = bisect_right(places, reach) - 1
    return places[place] if place >= 0 and places[place] > start else 0


def _is_clause(text: str, edge: int) -> bool:
    """Return whether a clause begins: at a word after a space, or after a mark such as a comma in scripts without spaces."""
    before = text[edge - 1]
    return before.isspace() or (is_unspaced(text[edge]) and unicodedata.category(before) in ("Po", "Pe", "Pf"))


def _width(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
