"""What a manifest keeps of a build: its options, its source, how its encoder was loaded, and its debias transform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """Where the documents came from, and which of its fields were read.

    Attributes:
        path: Path or name of the source.
        format: Format that was asked for; None where it was detected.
        encoding: Encoding of text files that was asked for; None where it was detected.
        language_path: Pattern of the paths that name a language; None for the usual layouts.
        text: Field of the text; None where it was found by its usual names, like the next three.
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
    """How the encoder was loaded, so that searches load the same one.

    Attributes:
        revision: Revision on the Hub; None for the newest.
        backend: Runtime of the model; `torch` in manifests that do not say.
    """

    revision: str | None = None
    backend: str = "torch"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRecord:
    """What a build was asked for, as its manifest keeps it.

    Attributes:
        source: The source and the fields that were read.
        budget: Tokens per passage at most; 0 where the manifest does not say.
        overlap: Tokens that a passage repeats from the one before.
        detector: Name of the language detector.
        batch: Passages that were encoded and written together.
        payload_indexes: Indexed payload fields, as they are stored, and their kinds.
        translations_by: Metadata field whose value the translations of one passage share; None when there is none.
        encoder_options: How the encoder was loaded.
        keep: Old versions kept for rollback.
        strict: Whether the first bad row ended the build.
        debias: Whether the transform of the version before was to be kept.
        changes: Versions since the last whole build, each of which added documents to the one before or removed some.
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
        fitted_on: What it was fitted on, to be shown to people.
        default: Whether a search that does not choose uses it.
    """

    name: str
    digest: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    fitted_on: Mapping[str, Any] = field(default_factory=dict)
    default: bool = False
