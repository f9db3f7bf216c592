"""Measure in a few seconds how fast an encoder is on this machine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

from searchapp.encoders.base import Encoder

TEXT = "Green plants use sunlight to turn water and carbon dioxide into sugar. Oxygen is released as a by-product."
PASSAGES = 64
QUERIES = 15


@dataclass(frozen=True, slots=True)
class Speed:
    """Measured speed.

    Attributes:
        passages_per_second: Passages of 20 words, in one call.
        query_milliseconds: Median of single queries.
    """

    passages_per_second: float
    query_milliseconds: float


def measure_speed(encoder: Encoder) -> Speed:
    """Time an encoder on passages of 20 words and on single queries.

    Args:
        encoder: Any encoder, which is warmed up first.
    """
    texts = [f"{TEXT} {place}" for place in range(PASSAGES)]
    encoder.encode_passages(texts[:4])
    begun = time.perf_counter()
    encoder.encode_passages(texts)
    rate = PASSAGES / (time.perf_counter() - begun)
    laps = []
    for place in range(QUERIES):
        begun = time.perf_counter()
        encoder.encode_queries([f"why do leaves look green {place}"])
        laps.append(time.perf_counter() - begun)
    return Speed(passages_per_second=round(rate, 1), query_milliseconds=round(median(laps) * 1000, 2))
