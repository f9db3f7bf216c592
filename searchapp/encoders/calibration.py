"""What suits an encoder in a search: fusion, feedback, and the cosine below which it finds nothing relevant.

Cosines mean different things to different encoders: two random texts have about .8 by one and 0 by another. So the settings
are chosen for each encoder on held-out data (`searchapp encoder calibrate`) and lie in its folder.
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
        lexical_weight: Worth of the best lexical score in the fusion `interleaved`, in units of cosine.
        relative: Whether `lexical_weight` is in units of the distance between the first and the last cosine of a search
            instead.
        feedback: Weight of the best fused passage's vector in the second dense search; 0 leaves that search out.
        feedback_above: Cosine that the best fused passage must have for it.
        relevant_above: Cosine from which a passage is relevant to a query; None where that is not known.
        relevant_with_words: The same for a passage that has words of the query; None as above.
    """

    lexical_weight: float = 0.4
    relative: bool = False
    feedback: float = 0.8
    feedback_above: float = -1.0
    relevant_above: float | None = None
    relevant_with_words: float | None = None

    def is_relevant(self, cosine: float | None, *, has_words: bool) -> bool | None:
        """Judge a passage; None where nothing is known.

        Args:
            cosine: Between query and passage; None where it was not computed.
            has_words: Whether the lexical leg found the passage.
        """
        least = self.relevant_with_words if has_words else self.relevant_above
        return None if cosine is None or least is None else cosine >= least

    def save(self, folder: Path) -> None:
        """Write into an encoder's folder.

        Args:
            folder: Of the encoder.
        """
        (folder / FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


UNKNOWN = Calibration(lexical_weight=0.3, relative=True, feedback=0.0)
"""The rule for an encoder that was not calibrated: a weight that follows the spread of each search's own cosines."""


@runtime_checkable
class Calibrated(Protocol):
    """An encoder that knows its calibration."""

    @property
    def calibration(self) -> Calibration: ...


def calibration_of(encoder: Encoder) -> Calibration:
    """Return an encoder's calibration, or the rule for those that have none.

    Args:
        encoder: Any encoder.
    """
    return encoder.calibration if isinstance(encoder, Calibrated) else UNKNOWN


def read_calibration(folder: Path) -> Calibration:
    """Read the calibration in an encoder's folder; the rule for unknown encoders where there is none.

    Args:
        folder: Of the encoder.

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
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise EncoderError(f"{path}: damaged ({error}); run: searchapp encoder calibrate {folder}") from error
