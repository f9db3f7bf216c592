"""Define the record of a build in its manifest: options, source, encoder options, and debias transform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """The source of the documents and the fields that were read.

    Attributes:
        path: Path or name of the source.
        format: Requested format; None if it was detected.
        encoding: Requested encoding of text files; None if it was detected.
        language_path: Pattern of paths that name a language; None for the common layouts.
        text: Field of the text; None if found by common names, as for the next three.
        id: Field of the document's id.
        language: Field of the language.
        title: Field of the title.
    """

    path: str = ""
    format: str | None = None
    encoding: str | None = None
    language_path: str | None = None
    text: str | None = None
    id: str | None = None
    language: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderOptions:
    """Options for loading the encoder, so that searches load the same one.

    Attributes:
        revision: Revision on the Hub; None for the newest.
        backend: Runtime of the model; `torch` in manifests without this field.
    """

    revision: str | None = None
    backend: str = "torch"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRecord:
    """The options of a build in its manifest.

    Attributes:
        source: The source and the fields that were read.
        budget: Maximum tokens per passage; 0 if not recorded.
        overlap: Tokens that a passage repeats from the previous one.
        detector: Name of the language detector.
        batch: Passages that were encoded and written together.
        payload_indexes: Indexed payload fields by their stored names, and their kinds.
        translations_by: Metadata field whose value translations of a passage share, or None.
        encoder_options: Options for loading the encoder.
        keep: Old versions to keep for rollback.
        strict: Whether the first bad row ends the build.
        debias: Whether the previous version's transform is kept.
        changes: Number of versions since the last whole build, each with documents added or removed.
    """

    source: SourceRecord = field(default_factory=SourceRecord)
    budget: int = 0
    overlap: int = 0
    detector: str = ""
    batch: int = 0
    payload_indexes: Mapping[str, str] = field(default_factory=dict)
    translations_by: str | None = None
    encoder_options: EncoderOptions = field(default_factory=EncoderOptions)
    keep: int = 0
    strict: bool = False
    debias: bool = True
    changes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DebiasRecord:
    """The debias transform of a version.

    Attributes:
        name: Name of the method.
        digest: Digest of the transform's file.
        settings: Settings of the method.
        fitted_on: Description of the data it was fitted on, for display.
        default: Whether searches use it by default.
    """

    name: str
    digest: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    fitted_on: Mapping[str, Any] = field(default_factory=dict)
    default: bool = False
