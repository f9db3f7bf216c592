"""Define what the readers of whole files return and their limits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from searchapp.errors import InputError

MAX_SECONDS = 10.0
"""Maximum CPU time for reading one file, in seconds."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A document in a file. A file may contain several, such as the pages of a PDF.

    Attributes:
        text: Text to index.
        title: Title given by the file, or an empty string.
        language: Code or name given by the file, or an empty string.
        declared: Whether the author declared the language for this text (front matter) rather than a template.
        part: What distinguishes it from other documents of the file, such as `page=3`; empty for a single one.
        metadata: Further fields of the document, by name.
    """

    text: str
    title: str = ""
    language: str = ""
    declared: bool = False
    part: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


Reader = Callable[[bytes, "str | None"], list[Reading]]
"""Maps the bytes of a file and its encoding (None to detect it) to the documents in it."""


class RejectedFileError(InputError):
    """A file is rejected for a reason other than damage.

    Args:
        message: What was found and what the limit is.
        kind: A short fixed description.
    """

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class Deadline:
    """Limits the time for reading one file.

    Args:
        seconds: Maximum time in seconds.
    """

    def __init__(self, seconds: float = MAX_SECONDS) -> None:
        self._end = time.thread_time() + seconds
        self._seconds = seconds

    def check(self, where: str) -> None:
        """Raise RejectedFileError if the time is up.

        Args:
            where: Progress of the reading, for the message.
        """
        if time.thread_time() > self._end:
            raise RejectedFileError(f"reading took more than {self._seconds:.0f} s ({where})", kind="too slow")
