"""Language of a text: given by the row or the settings, else detected."""

from __future__ import annotations

from searchapp.text.detection import Detector, FastDetector


class LanguageOf:
    """Answers from what is given, first a row's own value, then the source's; otherwise detects.

    Args:
        fixed: Language of the whole source.
        detector: None makes the default one when it is first needed.
    """

    def __init__(self, fixed: str | None = None, *, detector: Detector | None = None) -> None:
        self._fixed = fixed
        self._detector = detector

    def __call__(self, text: str, given: object = None) -> str:
        """BCP 47 primary subtag, `und` when unsure."""
        if isinstance(given, str) and given:
            return given
        if self._fixed:
            return self._fixed
        if self._detector is None:
            self._detector = FastDetector()
        return self._detector.detect(text).language
