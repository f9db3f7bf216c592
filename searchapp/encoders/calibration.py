"""Store the search settings that suit an encoder: fusion, feedback and the threshold of relevance.

Cosines differ between encoders: two random texts have a cosine of about .8 with one encoder and 0 with another. The settings
are therefore chosen for each encoder on held-out data (`searchapp encoder calibrate`) and stored in its folder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Protocol, runtime_checkable

from searchapp.encoders.base import Encoder
from searchapp.errors import EncoderError

FILE = "calibration.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Settings of a search that depend on its encoder; the defaults are those of the static encoder.

    Attributes:
        lexical_weight: Contribution of the best lexical score in the fusion `interleaved`, in units of cosine.
        relative: Whether `lexical_weight` is a multiple of the difference between a search's first and last cosine instead.
        feedback: Weight of the best fused passage's vector in a second dense search; 0 omits that search.
        feedback_above: Minimum cosine of the best fused passage for feedback.
        relevant_above: Minimum cosine of a relevant passage; None if unknown.
        relevant_with_words: The same for a passage that contains words of the query; None if unknown.
    """

    lexical_weight: float = 0.4
    relative: bool = False
    feedback: float = 0.8
    feedback_above: float = -1.0
    relevant_above: float | None = None
    relevant_with_words: float | None = None

    def is_relevant(self, cosine: float | None, *, has_words: bool) -> bool | None:
        """Return whether a passage is relevant; None if unknown.

        Args:
            cosine: Cosine of query and passage; None if it was not computed.
            has_words: Whether the lexical leg found the passage.
        """
        least = self.relevant_with_words if has_words else self.relevant_above
        return None if cosine is None or least is None else cosine >= least

    def save(self, folder: Path) -> None:
        """Write the calibration into an encoder's folder.

        Args:
            folder: The encoder's folder.
        """
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


UNKNOWN = Calibration(lexical_weight=0.3, relative=True, feedback=0.0)
"""Default of an encoder without a calibration: a weight relative to the spread of each search's own cosines."""


@runtime_checkable
class Calibrated(Protocol):
    """An encoder that has a calibration."""

    @property
    def calibration(self) -> Calibration: ...


def calibration_of(encoder: Encoder) -> Calibration:
    """Return an encoder's calibration, or the default if it has none.

    Args:
        encoder: Any encoder.
    """
    return encoder.calibration if isinstance(encoder, Calibrated) else UNKNOWN


def read_calibration(folder: Path) -> Calibration:
    """Read the calibration from an encoder's folder; the default if there is none.

    Args:
        folder: The encoder's folder.

    Raises:
        EncoderError: The file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return UNKNOWN
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        known = {field.name for field in fields(Calibration)}
        if strange := sorted(found.keys() - known):
            raise ValueError(f"unknown fields {', '.join(strange)}; expected {', '.join(sorted(known))}")
        numbers = [value for key, value in found.items() if key != "relative" and value is not None]
        if any(
            isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value) for value in numbers
        ):
            raise ValueError(f"values {numbers}; expected finite numbers")
        return Calibration(**found)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise EncoderError(f"{path}: damaged ({error}); run: searchapp encoder calibrate {folder}") from error
