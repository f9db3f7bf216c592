"""What the readers of whole files give."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from searchapp.errors import InputError

MAX_SECONDS = 10.0
"""Processor time that the reading of one file may take."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A document in a file; a file may hold several, such as the pages of a PDF.

    Attributes:
        text: What is indexed.
        title: As the file gives it; empty when it does not.
        language: Code or name that the file gives; empty when it does not.
        declared: Whether the author wrote the language for this text (front matter), not a template around it.
        part: What tells it from the other documents of its file, such as `page=3`; empty for the only one.
        metadata: Fields that go with it.
    """

    text: str
    title: str = ""
    language: str = ""
    declared: bool = False
    part: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


Reader = Callable[[bytes, "str | None"], list[Reading]]
"""Bytes of a file and its encoding (None to tell by its content) to the documents in it."""


class RejectedFileError(InputError):
    """A file is not read, for a reason that is no damage.

    Args:
        message: What was found and what is the limit.
        kind: The same in a few fixed words.
    """

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class Deadline:
    """Counts the time that reading one file takes.

    Args:
        seconds: How long it may take.
    """

    def __init__(self, seconds: float = MAX_SECONDS) -> None:
        self._end = time.thread_time() + seconds
        self._seconds = seconds

    def check(self, where: str) -> None:
        """Raise RejectedFileError when the time is up.

        Args:
            where: How far the reading is, for the message.
        """
        if time.thread_time() > self._end:
            raise RejectedFileError(f"reading took more than {self._seconds:.0f} s ({where})", kind="too slow")
