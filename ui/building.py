"""What the Index tab asks of whatever builds collections; the command line supplies it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ui.jobs import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """A build as people ask for it.

    Attributes:
        name: The source's name, for people and for the manifest.
        encoder: One of `Builds.encoders`, or another one where these are allowed.
        text_field: Field that holds the text; empty to find it. The other fields likewise.
        translations_field: Field that translations of one passage share; empty where there is none.
    """

    source: Path
    name: str
    collection: str
    encoder: str
    text_field: str = ""
    language_field: str = ""
    title_field: str = ""
    translations_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOutcome:
    """What a build did; `rejects` is the file of rows that were set aside."""

    collection: str
    version: str
    documents: int
    passages: int
    languages: Mapping[str, int]
    rejected: int = 0
    reused: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    rejects: Path | None = None
    seconds: float = 0.0


class Builds(Protocol):
    """Builds collections and changes which version is live; thread-safe."""

    @property
    def encoders(self) -> tuple[str, ...]:
        """The encoders that a page may build with, the default one first."""
        ...

    @property
    def any_encoder(self) -> bool:
        """Whether others may be named too: a model on the Hub, or a folder that the page may read."""
        ...

    def build(self, request: BuildRequest, *, progress: Callable[[Step], None]) -> BuildOutcome:
        """Build a new version and make it live; raises SearchAppError."""
        ...

    def activate(self, collection: str, version: str) -> None:
        """Make another version live; raises SearchAppError."""
        ...

    def unfinished(self) -> Mapping[str, int]:
        """Collections with a build that stopped half-way -> its finished batches, from which it can be resumed."""
        ...

    def discard(self, collection: str) -> None:
        """Delete what unfinished builds of a collection left; its versions stay. Raises SearchAppError."""
        ...
