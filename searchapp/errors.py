"""Define every error that this software raises on purpose.

SearchAppError
├── ConfigurationError          a flag, an environment variable or a settings file is wrong
├── InputError                  a source file, a row or a query cannot be read
│   ├── UnreadableFileError     one file is damaged, too large or not a file; the others can be read
│   ├── FileChangedError        a file changed while it was read
│   └── DocumentNotFoundError   the collection holds none of the documents
├── MissingExtraError           an optional dependency is not installed
├── CollectionNotFoundError     the collection, or the version of it, does not exist
├── EncoderError                an encoder cannot be loaded or returned invalid output
├── TrainingError               training diverged or cannot continue
├── EncoderMismatchError        the collection was built with another encoder
├── WriterError                 a language model wrote nothing that can be searched
├── BuildError                  a build failed its validation or could not continue
│   └── BuildInProgressError    another process is building the same collection
├── ClusterError                a Ray cluster cannot be reached or its workers failed
└── StoreError                  the vector engine failed
    ├── StoreLockedError        the collection is open in another process
    └── StorageFullError        the disk is full

Each message says what was found, what was expected and what to do next. `exit_code` is the exit code of the command line.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

HIDDEN = "***"
"""Placeholder for a secret."""

_PASSWORD = re.compile(
    r"(?<=//)[^\s'\"/?#]*@"
    # a password may contain / ? # and spaces: up to the last @, unless what follows the colon is a port
    r"|(?<=//)[^\s'\"/:@]*:(?!\d+(?:[\s,;:/?#)\]]|$))[^\n'\"]*@"
    r"|(?<=:/)(?!/)[^\s'\"/:@]+:[^\s'\"]*@"
    r"|(?<![^\s'\"])[^\s'\"/@:]+:[^\s'\"/@]+@(?=\w)"
)
_KEY_IN_QUERY = re.compile(r"(?i)(?<=[?&])([\w-]*(?:key|token|password|secret)=)[^&\s'\"]+")
_ADDRESSES = ("QDRANT_URL", "SEARCHAPP_WRITER_URL")
"""Environment variables with addresses, whose passwords are never shown."""

_SECRETS = ("QDRANT_API_KEY", "SEARCHAPP_WRITER_KEY", "SEARCHAPP_ENCODER_KEY", "HF_TOKEN")
"""Environment variables whose values are never shown."""


class SearchAppError(Exception):
    """Base class: catch this to catch every error raised on purpose. It can be sent to another process."""

    exit_code = 1

    def __reduce__(self) -> tuple[object, ...]:
        return _received, (type(self), self.args, self.__dict__)


def _received(kind: type[SearchAppError], args: tuple[object, ...], values: dict[str, object]) -> SearchAppError:
    """Create an error that another process raised, whatever arguments its class takes."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(values)
    return error


class ConfigurationError(SearchAppError):
    """A flag, an environment variable or a settings file contains an invalid value."""

    exit_code = 2


class InputError(SearchAppError):
    """A source file, one of its rows or a query cannot be read.

    Args:
        message: What was found and what was expected.
        path: The file, if there is one.
        line: The 1-based line or row number in it.
    """

    exit_code = 3

    def __init__(self, message: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        self.reason = message
        self.path = None if path is None else str(path)
        self.line = line
        place = "" if self.path is None else self.path + ("" if line is None else f":{line}") + ": "
        super().__init__(place + message)


class UnreadableFileError(InputError):
    """One file cannot be read to its end. Readers of several files reject it and continue.

    Args:
        message: What was found and what was expected.
        kind: A short fixed description, for counting.
        path: The file.
        line: The 1-based line or row up to which it could be read.
    """

    def __init__(self, message: str, *, kind: str, path: Path | str, line: int | None = None) -> None:
        super().__init__(message, path=path, line=line)
        self.kind = kind


class FileChangedError(InputError):
    """A file changed while it was read, so that what was read is neither its old nor its new content."""


class DocumentNotFoundError(InputError):
    """A collection holds none of the documents that are to be removed."""


class CollectionNotFoundError(SearchAppError):
    """A collection, or a version of it, does not exist."""

    exit_code = 4


class EncoderMismatchError(SearchAppError):
    """The collection was built with another encoder than the one given.

    Args:
        collection: The collection's name.
        expected: The encoder that the collection was built with (name and fingerprint).
        actual: The encoder given.
    """

    exit_code = 5

    def __init__(self, *, collection: str, expected: str, actual: str) -> None:
        super().__init__(
            f"collection {collection!r} was built with encoder {expected}, but the encoder given is {actual}. "
            "Search it with the encoder that built it, or rebuild it: searchapp index build --encoder …"
        )


class StoreError(SearchAppError):
    """The vector engine rejected or failed an operation."""

    exit_code = 6


class StoreLockedError(StoreError):
    """The collection is open for writing in another process."""


class StorageFullError(StoreError):
    """The disk is full."""


class BuildError(SearchAppError):
    """A build failed its validation or could not continue; the live version is unchanged."""

    exit_code = 7


class BuildInProgressError(BuildError):
    """Another process is building the same collection."""


class ClusterError(SearchAppError):
    """A Ray cluster cannot be reached, or its workers failed; what they finished is kept."""

    exit_code = 13


class EncoderError(SearchAppError):
    """An encoder cannot be loaded, or returned output that cannot be indexed."""

    exit_code = 8


class UnsupportedModelError(EncoderError):
    """A model needs a step that the chosen runtime lacks."""


class WriterError(SearchAppError):
    """A language model returned nothing that can be searched; the plain query still can be."""

    exit_code = 11


class TrainingError(SearchAppError):
    """Training diverged or cannot continue."""

    exit_code = 12


class MissingExtraError(SearchAppError):
    """A feature needs an optional dependency that is not installed.

    Args:
        feature: The feature, in a few words.
        extra: Name of the extra to install: `pip install 'searchapp[extra]'`.
    """

    exit_code = 9

    def __init__(self, *, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs the optional extra {extra!r}: pip install 'searchapp[{extra}]'")


def redacted(text: str) -> str:
    """Hide user names and passwords in addresses, and keys from the environment, in a text for display.

    Args:
        text: A message, a log line or a traceback.
    """
    shown = text
    for name in _ADDRESSES:
        for address in os.environ.get(name, "").split(","):
            who = address.partition("//")[2].rpartition("@")[0]
            shown = shown.replace(f"{who}@", f"{HIDDEN}@") if who else shown
    shown = _KEY_IN_QUERY.sub(rf"\1{HIDDEN}", _PASSWORD.sub(f"{HIDDEN}@", shown))
    for name in _SECRETS:
        if secret := os.environ.get(name, "").strip():
            shown = shown.replace(secret, HIDDEN)
    return shown


def check_kind(name: str, value: object, kinds: tuple[type, ...], expected: str, *, method: str = "") -> None:
    """Check the type of an argument from a program.

    Args:
        name: Name of the argument.
        value: Its value; None is allowed.
        kinds: Types that the argument may have.
        expected: These types in words, for the message.
        method: A method by which an object of the caller's own class is recognised; empty for none.

    Raises:
        InputError: The value has another type.
    """
    if value is not None and not isinstance(value, kinds) and not (method and callable(getattr(value, method, None))):
        raise InputError(f"{name} is {shown(value)}, expected {expected}")


def shown(value: object) -> str:
    """Shorten a value for a message. Anything except text, numbers and truth values is replaced by its type.

    Args:
        value: A caller's value.
    """
    if isinstance(value, bool | float | str) or value is None or (isinstance(value, int) and abs(value) < 10**30):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:60]}…"
    return f"a value of type {type(value).__name__}"
