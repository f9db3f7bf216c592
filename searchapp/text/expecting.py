"""Detect the language of a short query, using the languages of the searched collection as the prior.

One or two words look alike in many languages: a detector alone takes `lions` for Italian and `kaffee` for Swedish. Bayes'
rule with the collection's language shares as the prior decides. A longer text gives enough evidence to overrule the prior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from searchapp.datatypes import UNKNOWN_LANGUAGE, Detection, LanguageSpan
from searchapp.text.detection import Detector, decide
from searchapp.text.languages import LANGUAGES

ELSEWHERE = 0.01
"""Total prior probability of the languages that the collection lacks; those that it has share 1."""

GUESSES = 40
"""Candidate languages requested from the detector."""

SHORT = 3
"""Maximum number of words in a span with alternatives."""

SURE = 0.95
"""Probability from which a span of two or more words has no alternatives."""

MOST = 5
"""Maximum number of alternatives of a span."""


@dataclass(frozen=True, slots=True)
class Expecting:
    """A detector whose prior is the languages of a collection.

    Attributes:
        detector: Provides the likelihoods.
        shares: Language -> number of passages in the collection.
    """

    detector: Detector
    shares: Mapping[str, float]

    @property
    def name(self) -> str:
        """Return the name of the wrapped detector."""
        return self.detector.name

    def rank(self, text: str, k: int) -> list[tuple[str, float]]:
        """Return the `k` likeliest languages, best first.

        Args:
            text: A short text, as for `Detector.rank`.
            k: Maximum number of languages.
        """
        # square roots: people may well ask in a language that only a tenth of the passages have
        roots = {code: count**0.5 for code, count in self.shares.items() if count > 0 and code != UNKNOWN_LANGUAGE}
        total = sum(roots.values())
        if not total:
            return self.detector.rank(text, k)
        weighed = {
            code: score * roots.get(code, ELSEWHERE * total) / total
            for code, score in self.detector.rank(text, GUESSES)
        }
        whole = sum(weighed.values()) or 1.0
        ranked = sorted(
            ((code, weight / whole) for code, weight in weighed.items()), key=lambda pair: (-pair[1], pair[0])
        )
        return ranked[:k]

    def detect(self, text: str) -> Detection:
        """Detect the language of a text.

        Args:
            text: Text of any length; its first 400 characters are read.
        """
        return decide(text, self)

    def detect_batch(self, texts: Sequence[str]) -> list[Detection]:
        """Detect the language of each text.

        Args:
            texts: Texts of any length; the first 400 characters of each are read.
        """
        return [decide(text, self) for text in texts]


def with_alternatives(span: LanguageSpan, detector: Expecting) -> LanguageSpan:
    """Add the other languages of the collection that a short span may be in.

    Args:
        span: A span of a query.
        detector: The collection's detector.
    """
    words = len(span.text.split())
    if words > SHORT or (words > 1 and span.confidence >= SURE):
        return span
    ranked = dict(detector.rank(span.text.lower(), GUESSES))
    same_script = [
        code
        for code, count in detector.shares.items()
        if count and code != span.language and code in LANGUAGES and LANGUAGES[code].script == span.script
    ]
    same_script.sort(key=lambda code: (-ranked.get(code, 0.0), -detector.shares[code], code))
    return replace(span, alternatives=tuple(same_script[:MOST]))
