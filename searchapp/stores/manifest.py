"""What an index was built with; written beside it, read before every use, and a mismatch is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from searchapp.encoders.base import Encoder
from searchapp.errors import EncoderMismatchError, StoreError

FORMAT = 1
"""Version of this file's own layout; raised when an older reader would misread it."""

_KINDS = {
    "collection": str,
    "version": str,
    "encoder": str,
    "fingerprint": str,
    "dimension": int,
    "points": int,
    "languages": dict,
    "lexical": dict,
    "configuration": dict,
    "debias": dict,
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a reader must know to search a version as it was built.

    Attributes:
        encoder: The name to load the encoder by.
        fingerprint: The encoder's; the client refuses another one.
        dimension: Length of the dense vectors.
        lexical: The lexical leg's configuration.
        languages: Points by language: the baseline of every language report.
        points: Number of points.
        source: Digest of the source's content.
        configuration: What the build was asked for (format, passage budget, detector, …).
        created: UTC, ISO 8601.
        software: This software's version.
        debias: The transform's name and settings, empty when there is none.
    """

    collection: str
    version: str
    encoder: str
    fingerprint: str
    dimension: int
    points: int
    languages: Mapping[str, int]
    lexical: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    configuration: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    software: str = ""
    debias: Mapping[str, Any] = field(default_factory=dict)
    distance: str = "cosine"
    format: int = FORMAT

    def to_json(self) -> str:
        """Serialise, keys sorted."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, *, origin: str = "manifest") -> Manifest:
        """Parse; raises StoreError that names `origin` when it is damaged or written by a newer version."""
        try:
            raw = json.loads(text)
            found = raw["format"]
            if found != FORMAT:
                raise StoreError(f"{origin}: manifest format {found}, expected {FORMAT}: rebuild the index or update")
            for name, kind in _KINDS.items():
                if name in raw and not isinstance(raw[name], kind):
                    raise TypeError(f"{name} is {raw[name]!r:.60}, expected {kind.__name__}")
            known = {f.name for f in fields(cls)}
            return cls(**{key: value for key, value in raw.items() if key in known})
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StoreError(f"{origin}: damaged manifest ({error}); roll back or rebuild the index") from error

    def check_encoder(self, encoder: Encoder) -> None:
        """Raise EncoderMismatchError unless `encoder` is the one that the index was built with."""
        if encoder.fingerprint != self.fingerprint or encoder.dimension != self.dimension:
            raise EncoderMismatchError(
                collection=self.collection,
                expected=f"{self.encoder} (fingerprint {self.fingerprint}, {self.dimension}-d)",
                actual=f"{encoder.name} (fingerprint {encoder.fingerprint}, {encoder.dimension}-d)",
            )
