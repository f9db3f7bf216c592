"""Define detected languages and spans of text in one language."""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class Detection:
    """A detected language: BCP 47 primary subtag or `und`, confidence in [0, 1], ISO 15924 script."""

    language: str
    confidence: float
    script: str


@dataclass(frozen=True, slots=True)
class LanguageSpan:
    """A part of a text in one language; `text == whole[start:end]`.

    Attributes:
        text: Text of the span.
        start: Offset of the first character in the whole text.
        end: Offset after the last character.
        language: BCP 47 primary subtag, or `und`.
        confidence: Confidence of the detection, in [0, 1].
        script: ISO 15924 code of most of its letters.
        alternatives: Other languages that a short span may be in, likeliest first. The lexical leg also searches for the
            forms of its words in them.
    """

    text: str
    start: int
    end: int
    language: str
    confidence: float
    script: str
    alternatives: tuple[str, ...] = ()
