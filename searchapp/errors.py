"""Every error that this software raises on purpose.

SearchAppError
├── ConfigurationError          a flag, an environment variable or a settings file is wrong
├── InputError                  a source file, a row or a query cannot be read
│   ├── UnreadableFileError     one file is damaged, too large or no file; the others can be read
│   └── FileChangedError        a file changed while it was read
├── MissingExtraError           an optional dependency is not installed
├── CollectionNotFoundError     no such collection, or no such version of it
├── EncoderError                an encoder cannot be loaded or gave bad output
├── TrainingError               training diverged or cannot go on
├── EncoderMismatchError        the index was built with another encoder
├── WriterError                 a language model wrote nothing that can be searched
├── BuildError                  a build failed its validation, or could not go on
│   └── BuildInProgressError    another process is building the same collection
└── StoreError                  the vector engine failed
    ├── StoreLockedError        the index is open elsewhere
    └── StorageFullError        the disk cannot hold what is being written

Each message says what was found, what was expected and what to do next. `exit_code` is what the CLI returns.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

HIDDEN = "***"
"""What is shown for a secret."""

_PASSWORD = re.compile(r"(?<=://)[^/?#\s@]*@|(?<![^\s'\"])[^\s'\"/@:]+:[^\s'\"/@]+@(?=\w)")
_SECRETS = ("QDRANT_API_KEY", "SEARCHAPP_WRITER_KEY", "HF_TOKEN")
"""Environment variables whose values are shown nowhere."""


class SearchAppError(Exception):
    """Root of the tree: catch this to catch everything raised on purpose."""

    exit_code = 1


class ConfigurationError(SearchAppError):
    """A flag, an environment variable or a settings file holds a value that cannot be used."""

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
    """One file cannot be read to its end; readers of several files reject it and go on.

    Args:
        message: What was found and what was expected.
        kind: The same in a few fixed words, to count by.
        path: The file.
        line: The 1-based line or row up to which it could be read.
    """

    def __init__(self, message: str, *, kind: str, path: Path | str, line: int | None = None) -> None:
        super().__init__(message, path=path, line=line)
        self.kind = kind


class FileChangedError(InputError):
    """A file changed while it was read; what was read of it is neither its old content nor its new one."""


class CollectionNotFoundError(SearchAppError):
    """No collection, or no version of it, has this name."""

    exit_code = 4


class EncoderMismatchError(SearchAppError):
    """The index was built with an encoder other than the one given.

    Args:
        collection: The collection's name.
        expected: What the index was built with (name and fingerprint).
        actual: What was given.
    """

    exit_code = 5

    def __init__(self, *, collection: str, expected: str, actual: str) -> None:
        super().__init__(
            f"collection {collection!r} was built with encoder {expected}, but the encoder given is {actual}. "
            "Search it with the encoder that built it, or rebuild it: searchapp index build --encoder …"
        )


class StoreError(SearchAppError):
    """The vector engine refused or failed an operation."""

    exit_code = 6


class StoreLockedError(StoreError):
    """The index is open in another process that may write to it."""


class StorageFullError(StoreError):
    """The disk has no room for what is being written."""


class BuildError(SearchAppError):
    """A build failed its validation or could not go on; the live version is untouched."""

    exit_code = 7


class BuildInProgressError(BuildError):
    """Another process is building the same collection."""


class EncoderError(SearchAppError):
    """An encoder cannot be loaded, or gave output that cannot be indexed."""

    exit_code = 8


class UnsupportedModelError(EncoderError):
    """A model needs a step that this way of running it lacks."""


class WriterError(SearchAppError):
    """A language model gave no answer, or none that can be searched; the plain query still is."""

    exit_code = 11


class TrainingError(SearchAppError):
    """Training diverged, or cannot go on."""

    exit_code = 12


class MissingExtraError(SearchAppError):
    """A feature needs an optional dependency that is not installed.

    Args:
        feature: What was asked for, in a few words.
        extra: The extra that brings it: `pip install 'searchapp[extra]'`.
    """

    exit_code = 9

    def __init__(self, *, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs the optional extra {extra!r}: pip install 'searchapp[{extra}]'")


def redacted(text: str) -> str:
    """Hide user names and passwords in addresses, and the keys of the environment, in a text that is about to be shown.

    Args:
        text: A message, a log line or a traceback.
    """
    shown = _PASSWORD.sub(f"{HIDDEN}@", text)
    for name in _SECRETS:
        if secret := os.environ.get(name, "").strip():
            shown = shown.replace(secret, HIDDEN)
    return shown


def shown(value: object) -> str:
    """Shorten a value for a message; anything but text, numbers and truth values is named by its type.

    Args:
        value: What a caller gave.
    """
    if isinstance(value, bool | float | str) or value is None or (isinstance(value, int) and abs(value) < 10**30):
        text = repr(value)
        return text if len(text) <= 60 else f"{text[:60]}…"
    return f"a value of type {type(value).__name__}"
