"""The language of a short query: what the detector says of it, weighed by the languages of the collection that is searched.

One or two words look alike in many languages: alone, `lions` is taken for Italian and `kaffee` for Swedish. Bayes' rule with
the collection's shares as the prior decides between the languages that it has; a longer text is sure enough to overrule it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from searchapp.datatypes import UNKNOWN_LANGUAGE, Detection, LanguageSpan
from searchapp.text.detection import Detector, decide
from searchapp.text.languages import LANGUAGES

ELSEWHERE = 0.01
"""Prior of a language that the collection lacks, beside 1 shared out among those that it has."""

GUESSES = 40
"""Languages that the detector is asked for."""

SHORT = 3
"""Words up to which a stretch has alternatives."""

SURE = 0.95
"""Probability at which a stretch of two words or more has none."""

MOST = 5
"""Alternatives of a stretch."""


@dataclass(frozen=True, slots=True)
class Expecting:
    """A detector that expects the languages of a collection.

    Attributes:
        detector: Asked for the likelihoods.
        shares: Language -> passages of it in the collection.
    """

    detector: Detector
    shares: Mapping[str, float]

    @property
    def name(self) -> str:
        """Name of the detector that is asked."""
        return self.detector.name

    def rank(self, text: str, k: int) -> list[tuple[str, float]]:
        """Give the `k` likeliest languages, best first.

        Args:
            text: Any text.
            k: Languages at most.
        """
        # square roots: a tenth of the passages are in a language that people may well ask in
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
            text: Any text.
        """
        return decide(text, self)

    def detect_batch(self, texts: Sequence[str]) -> list[Detection]:
        """Detect the language of each text.

        Args:
            texts: Any texts.
        """
        return [decide(text, self) for text in texts]


def with_alternatives(span: LanguageSpan, detector: Expecting) -> LanguageSpan:
    """Name the other languages of the collection that a short stretch may be in.

    Args:
        span: Of a query.
        detector: Of the collection.
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
