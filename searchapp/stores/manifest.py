"""Record what a collection was built with. The manifest is read before every use, and a mismatch is an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from searchapp.encoders.base import Encoder
from searchapp.errors import EncoderMismatchError, StoreError
from searchapp.stores.build_record import BuildRecord, DebiasRecord
from searchapp.text.bm25 import LexicalConfiguration

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = 1
"""Version of the manifest's layout; increased if an older reader would misread it."""

_EMPTY = ("lexical", "debias")
"""Records that are stored as `{}` if there are none."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that a reader needs to search a version as it was built.

    Attributes:
        collection: Name of the collection.
        version: Name of the version.
        encoder: Name by which the encoder is loaded.
        fingerprint: Fingerprint of the encoder; the client rejects another one.
        dimension: Length of the dense vectors.
        points: Number of points.
        languages: Points by language, the baseline of every language report.
        lexical: Configuration of the lexical leg; None in a version without one.
        source: Digest of the source's content.
        configuration: Options of the build.
        created: UTC, ISO 8601.
        software: Version of this software.
        debias: The debias transform, or None.
        distance: Name of the distance between dense vectors.
        format: Version of the manifest's layout.
    """

    collection: str
    version: str
    encoder: str
    fingerprint: str
    dimension: int
    points: int
    languages: Mapping[str, int]
    lexical: LexicalConfiguration | None = None
    source: str = ""
    configuration: BuildRecord = field(default_factory=BuildRecord)
    created: str = ""
    software: str = ""
    debias: DebiasRecord | None = None
    distance: str = "cosine"
    format: int = FORMAT

    @property
    def debiased_by_default(self) -> bool:
        """Return whether searches use the debiased vectors by default."""
        return self.debias is not None and self.debias.default

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as plain values in its stored form."""
        values = asdict(self)
        return {**values, **{name: values[name] or {} for name in _EMPTY}}

    def to_json(self) -> str:
        """Serialise with sorted keys."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, *, origin: str = "manifest") -> Manifest:
        """Read a stored manifest. Only this method knows the formats of earlier versions of this software.

        Unknown fields are ignored, and fields that did not exist then take their defaults.

        Args:
            text: The manifest as stored.
            origin: Where it is stored, for messages.

        Raises:
            StoreError: The manifest is damaged, or was written by a newer version.
        """
        try:
            raw = json.loads(text)
            found = raw["format"]
            if found != FORMAT:
                raise StoreError(f"{origin}: manifest format {found}, expected {FORMAT}: rebuild the index or update")
            absent = {name: None for name in _EMPTY if raw.get(name) == {}}
            return _schema().validate_json(json.dumps({**raw, **absent}), strict=True)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise StoreError(
                f"{origin}: damaged manifest ({_reason(error)}); roll back or rebuild the index"
            ) from error

    def check_encoder(self, encoder: Encoder) -> None:
        """Check that an encoder is the one that the collection was built with.

        Args:
            encoder: Encoder of the queries.

        Raises:
            EncoderMismatchError: Its fingerprint or its dimension differs.
        """
        if encoder.fingerprint != self.fingerprint or encoder.dimension != self.dimension:
            raise EncoderMismatchError(
                collection=self.collection,
                expected=f"{self.encoder} (fingerprint {self.fingerprint}, {self.dimension}-d)",
                actual=f"{encoder.name} (fingerprint {encoder.fingerprint}, {encoder.dimension}-d)",
            )


@cache
def _schema() -> TypeAdapter[Manifest]:
    from pydantic import TypeAdapter

    return TypeAdapter(Manifest)


def _reason(error: Exception) -> str:
    """Describe in one line what is wrong with a manifest."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place} is {first['input']!r:.60}: {first['msg']}" if first["type"] != "missing" else f"no field {place}"
