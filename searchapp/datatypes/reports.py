"""Define the report about the languages that the hits of a search favour."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class LanguageShare:
    """One language's share of the hits.

    Attributes:
        count: Number of hits in this language.
        total: Number of all hits.
        baseline: Share without bias, in [0, 1].
        low: Lower end of the confidence interval of the share.
        high: Upper end of the interval.
    """

    language: str
    count: int
    total: int
    baseline: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """Observed share of the hits."""
        return self.count / self.total if self.total else 0.0

    @property
    def lift(self) -> float | None:
        """Observed share divided by the baseline; None if the baseline is 0."""
        return self.share / self.baseline if self.baseline > 0 else None

    @property
    def lift_interval(self) -> tuple[float, float] | None:
        """Confidence interval of the lift; None if the baseline is 0."""
        return (self.low / self.baseline, self.high / self.baseline) if self.baseline > 0 else None

    @property
    def verdict(self) -> Literal["over", "under", "unclear"]:
        """`over` or `under` if the interval excludes the baseline, else `unclear`, as with few hits."""
        if self.low > self.baseline:
            return "over"
        return "under" if self.high < self.baseline else "unclear"

    def to_dict(self) -> dict[str, Any]:
        """Return the share and its computed numbers as plain values for JSON."""
        interval = self.lift_interval
        return {
            **asdict(self),
            "share": self.share,
            "lift": self.lift,
            "lift_interval": None if interval is None else list(interval),
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class LanguageReport:
    """The languages of the hits compared with a baseline, sorted by share, then code."""

    shares: tuple[LanguageShare, ...]
    baseline: str
    confidence: float

    def __getitem__(self, language: str) -> LanguageShare:
        for share in self.shares:
            if share.language == language:
                return share
        raise KeyError(language)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {
            "baseline": self.baseline,
            "confidence": self.confidence,
            "languages": [share.to_dict() for share in self.shares],
        }
