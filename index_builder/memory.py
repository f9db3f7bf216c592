"""Bound the memory of a build: half for passages between reading and writing, half for files that the engine maps.

The embedded engine maps the files of a version. What was written or read of them counts as memory of this process until
they are closed, although the operating system can take it back: 7,340 passages with 50,000 characters of metadata each
kept 350 MB in memory. A build closes and opens its versions whenever these pages have grown by their half.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path

logger = logging.getLogger(__name__)

_STATM = Path("/proc/self/statm")


def halves(memory: int) -> tuple[int, int]:
    """Divide the memory of a build.

    Args:
        memory: Memory for the build in MiB.

    Returns:
        Bytes for passages, and bytes for mapped files.
    """
    return memory * 2**19, memory * 2**19


def mapped_bytes() -> int:
    """Measure the resident pages of mapped files; 0 if the operating system does not report them, as only Linux does."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[2]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


class MappedFiles:
    """Returns the pages of mapped files to the operating system when they have grown by more than a bound.

    Args:
        most: Bytes by which they may grow.
        releases: Close what is mapped and open it again.
    """

    def __init__(self, most: int, releases: Sequence[Callable[[], None]]) -> None:
        self._most = most
        self._releases = releases
        self._before = mapped_bytes()

    def check(self) -> None:
        """Release everything if the bound is passed; pages that stay in memory are not counted again."""
        grown = mapped_bytes() - self._before
        if grown <= self._most:
            return
        for release in self._releases:
            release()
        self._before = mapped_bytes()
        logger.debug("%d MiB of mapped files released", grown >> 20)
