"""Cut documents into passages: whole sentences up to a token budget, in every script, with offsets into the document.

`sentencex` finds the sentences (rule-based, 250 languages, non-destructive). Thai, Lao, Khmer and Burmese have no full
stops and are cut into clauses at spaces. A sentence over the budget is cut at spaces, and a longer piece without spaces is
cut between graphemes, never inside one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sentencex import get_sentence_boundaries

from searchapp.datatypes import UNKNOWN_LANGUAGE, Detection, Document, Passage
from searchapp.errors import ConfigurationError
from searchapp.text.detection import Detector
from searchapp.text.languages import canonical
from searchapp.text.patterns import unicode_pattern
from searchapp.text.scripts import NO_SCRIPT, UNSPACED, script_of

Span = tuple[int, int]

CONTEXT_CHARACTERS = 2000
"""Maximum context encoded with a passage, in characters. Longer documents contribute only the surrounding text."""

LEAST_CLAUSE = 25
"""Characters after which a space ends a clause in Thai, Lao, Khmer or Burmese, which have no full stops."""

WITHOUT_FULL_STOPS = frozenset({"th", "lo", "km", "my"})
"""Languages that do not mark sentences, so that clauses are used instead."""

BLOCK = 4_000
"""Characters per block passed to the sentence cutter. Its time grows with the square of some texts' length; a block of any
text takes at most 20 ms."""

LONG = 100
"""Minimum length, in characters, of a passage that may differ in language from its document."""

SURE = 0.8
"""Minimum confidence for such a passage."""

_SPACES = unicode_pattern(r"\s+")
_GRAPHEME = unicode_pattern(r"\X")
_DENSE_SCRIPT = unicode_pattern(f"[{UNSPACED}]")
_CLAUSE = unicode_pattern(rf"\S{{{LEAST_CLAUSE},}}\s+")


def estimate_tokens(text: str) -> int:
    """Estimate the number of subword tokens without a tokenizer: 4 characters each, or 1.5 in scripts without spaces.

    Args:
        text: Text in any script.

    Returns:
        Number of tokens, at least 1.
    """
    dense = 0 if text.isascii() else len(_DENSE_SCRIPT.findall(text))
    return max(1, round(dense / 1.5 + (len(text) - dense) / 4))


@dataclass(frozen=True, slots=True)
class PassageCutter:
    """Cuts documents into passages and detects each passage's language. Thread-safe if its detector is.

    Args:
        detector: Detects the language where the source does not give it.
        budget: Maximum number of tokens per passage.
        overlap: Maximum number of tokens of whole sentences repeated from the previous passage; less than the budget.
        count_tokens: Counts an encoder's tokens. The default is an estimate.
    """

    detector: Detector
    budget: int = 128
    overlap: int = 0
    count_tokens: Callable[[str], int] = estimate_tokens

    def __post_init__(self) -> None:
        if self.budget < 1 or not 0 <= self.overlap < self.budget:
            raise ConfigurationError(
                f"passage budget {self.budget} and overlap {self.overlap}: expected 0 <= overlap < budget"
            )

    def cut(self, document: Document) -> list[Passage]:
        """Cut one document into non-blank passages; `document.text[p.start:p.end] == p.text` holds for each.

        Args:
            document: The document. Its language, if given, is that of all its passages; otherwise each is detected.
        """
        return self.cut_batch([document])[0]

    def cut_batch(self, documents: Sequence[Document]) -> list[list[Passage]]:
        """Cut several documents and detect all languages in one batch.

        Args:
            documents: The documents, as in `cut`.

        Returns:
            Passages of each document, in order.
        """
        spans = [self._spans(document) for document in documents]
        texts = [
            document.text[start:end]
            for document, cuts in zip(documents, spans, strict=True)
            if document.language is None
            for start, end in cuts
        ]
        detected = iter(self.detector.detect_batch(texts))
        return [list(self._passages(document, cuts, detected)) for document, cuts in zip(documents, spans, strict=True)]

    def _passages(self, document: Document, spans: Sequence[Span], detected: Iterator[Detection]) -> Iterator[Passage]:
        texts = [document.text[start:end] for start, end in spans]
        if document.language is None:
            languages = agreed([next(detected) for _ in texts], texts)
        else:
            known = canonical(document.language)
            languages = [Detection(known, 1.0, script_of(text)) for text in texts]
        for index, ((start, end), text, found) in enumerate(zip(spans, texts, languages, strict=True)):
            yield Passage(
                document_id=document.id,
                index=index,
                text=text,
                start=start,
                end=end,
                title=document.title,
                context=_context(document, start, end, alone=len(spans) == 1),
                language=found.language,
                confidence=found.confidence,
                script=found.script,
                metadata=document.metadata,
            )

    def _spans(self, document: Document) -> list[Span]:
        if document.boundaries is not None:
            return [span for span in (_trim(document.text, *given) for given in document.boundaries) if span]
        pieces = [piece for sentence in self._sentences(document) for piece in self._fit(document.text, *sentence)]
        return [
            span for span in (_trim(document.text, *packed) for packed in self._pack(document.text, pieces)) if span
        ]

    def _sentences(self, document: Document) -> list[Span]:
        if self.count_tokens(document.text) <= self.budget:
            return [(0, len(document.text))]
        return sentences(document.text, document.language or self.detector.detect(document.text).language)

    def _fit(self, text: str, start: int, end: int) -> Iterator[Span]:
        """Cut a piece that is over the budget, at spaces first, then between graphemes."""
        if self.count_tokens(text[start:end]) <= self.budget:
            yield start, end
            return
        edges = [start, *(match.end() for match in _SPACES.finditer(text, start, end) if match.end() < end), end]
        for first, last in self._pack(text, list(pairwise(edges)), overlap=0):
            if self.count_tokens(text[first:last]) <= self.budget:
                yield first, last
            else:
                yield from self._graphemes(text, first, last)

    def _graphemes(self, text: str, start: int, end: int) -> Iterator[Span]:
        size = max(1, (end - start) * self.budget // max(1, self.count_tokens(text[start:end])))
        first = start
        for match in _GRAPHEME.finditer(text, start, end):
            if match.end() - first > size and match.start() > first:
                yield first, match.start()
                first = match.start()
        yield first, end

    def _pack(self, text: str, pieces: Sequence[Span], *, overlap: int | None = None) -> Iterator[Span]:
        """Join neighbouring pieces up to the budget; repeat `overlap` tokens of them in the next span."""
        repeat = self.overlap if overlap is None else overlap
        counts = [self.count_tokens(text[start:end]) for start, end in pieces]
        first = 0
        while first < len(pieces):
            last, total = first + 1, counts[first]
            while last < len(pieces) and total + counts[last] <= self.budget:
                total += counts[last]
                last += 1
            yield pieces[first][0], pieces[last - 1][1]
            if last == len(pieces):
                return
            back, carried = last, 0
            while back - 1 > first and carried + counts[back - 1] <= repeat:
                back -= 1
                carried += counts[back]
            first = back


def agreed(found: Sequence[Detection], texts: Sequence[str]) -> list[Detection]:
    """Let a document's passages vote on its language, so that headings, lists and names get the document's language.

    Each passage's vote is its number of letters times its confidence. A passage keeps another language only if it is long
    and its detection is certain, or if its script is not used by the document's language.

    Args:
        found: The detection for each passage.
        texts: The passages' texts.
    """
    votes: dict[str, float] = {}
    for one, text in zip(found, texts, strict=True):
        if one.language != UNKNOWN_LANGUAGE:
            votes[one.language] = votes.get(one.language, 0.0) + one.confidence * len(text)
    if not votes:
        return list(found)
    winner = max(sorted(votes), key=lambda code: votes[code])
    share = votes[winner] / sum(votes.values())
    script = next(one.script for one in found if one.language == winner)
    return [
        one
        if one.language == winner
        or (one.language != UNKNOWN_LANGUAGE and (len(text) >= LONG and one.confidence >= SURE))
        or one.script not in (script, NO_SCRIPT)
        else Detection(winner, share, one.script)
        for one, text in zip(found, texts, strict=True)
    ]


def sentences(text: str, language: str) -> list[Span]:
    """Cut a text into consecutive sentences that cover it, spaces included.

    Training and search both use this function. A language without full stops is cut into clauses instead.

    Args:
        text: A normalised text.
        language: BCP 47 primary subtag or `und`.
    """
    if language in WITHOUT_FULL_STOPS:
        ends = {match.end() for match in _CLAUSE.finditer(text)}
        return list(pairwise(sorted({0, *ends, len(text)})))
    ends = set()
    for start, end in _blocks(text):
        cuts = get_sentence_boundaries(language, text[start:end])
        ends |= {_whole(text, start + cut["end_index"]) for cut in cuts}
    return list(pairwise(sorted({0, *ends, len(text)})))


def _blocks(text: str) -> Iterator[Span]:
    """Cut a text into blocks of bounded length, each at its last line break or else at its last space."""
    start = 0
    while len(text) - start > BLOCK:
        line = text.rfind("\n", start + BLOCK // 2, start + BLOCK)
        space = text.rfind(" ", start + BLOCK // 2, start + BLOCK)
        end = (line if line >= 0 else space) + 1 or start + BLOCK
        yield start, end
        start = end
    yield start, len(text)


def _whole(text: str, edge: int) -> int:
    """Move an edge inside a grapheme to the grapheme's end: a mark may follow a full stop."""
    if text.isascii():
        return edge
    for match in _GRAPHEME.finditer(text, max(0, edge - 32), min(len(text), edge + 32)):
        if match.start() < edge < match.end():
            return int(match.end())
    return edge


def _trim(text: str, start: int, end: int) -> Span | None:
    """Strip white space at both ends; None if nothing remains."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    return (start + left, start + right) if right > left else None


def _context(document: Document, start: int, end: int, *, alone: bool) -> str:
    """Return the title and the surrounding text; a passage that is its whole document needs only the title."""
    if alone:
        return document.title
    text = document.text
    if len(text) > CONTEXT_CHARACTERS:
        side = max(0, CONTEXT_CHARACTERS - (end - start)) // 2
        text = text[max(0, start - side) : end + side]
    return f"{document.title} {text}" if document.title else text
