"""Determine the language of a text: given by the row or the settings, else detected."""

from __future__ import annotations

from searchapp.text.detection import Detector, FastDetector


class LanguageOf:
    """Returns a row's own language, else the source's, else a detected one.

    Args:
        fixed: Language of the whole source.
        detector: The detector; None creates the default one on first use.
    """

    def __init__(self, fixed: str | None = None, *, detector: Detector | None = None) -> None:
        self._fixed = fixed
        self._detector = detector

    def __call__(self, text: str, given: object = None) -> str:
        """Return the BCP 47 primary subtag; `und` if unsure."""
        if isinstance(given, str) and given:
            return given
        if self._fixed:
            return self._fixed
        if self._detector is None:
            self._detector = FastDetector()
        return self._detector.detect(text).language
