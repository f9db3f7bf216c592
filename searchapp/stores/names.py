"""Names that become folders, files and aliases: checked once, where they enter, and then carried as their own type."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TypeVar

from searchapp.errors import ConfigurationError

LONGEST = 100
"""Characters of a name, at most."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_NEW = re.compile(r"\d{8}T\d{9}-[0-9a-f]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices, with or without an extension."""

_Name = TypeVar("_Name", bound="_SafeName")


class _SafeName(str):
    """A name that cannot leave its folder on any operating system; making one from a bad name raises."""

    __slots__ = ()
    kind = "name"

    def __new__(cls: type[_Name], name: str) -> _Name:
        if isinstance(name, cls):
            return name
        if not isinstance(name, str):
            raise ConfigurationError(f"{cls.kind} name: expected text, got {type(name).__name__}")
        shown = repr(name if len(name) <= LONGEST else f"{name[:40]}…")
        if not _NAME.fullmatch(name) or "__" in name or name.endswith("."):
            raise ConfigurationError(
                f"{cls.kind} name {shown}: use letters, digits, '.', '-' and single '_', starting with a letter or digit "
                f"and not ending with '.', {LONGEST} characters at most"
            )
        if _RESERVED.fullmatch(name):
            raise ConfigurationError(
                f"{cls.kind} name {shown}: Windows keeps this name for a device; choose another one"
            )
        return super().__new__(cls, name)


class CollectionName(_SafeName):
    """The name of a collection.

    Functions that make a path or an alias from a name take this type, so that a name cannot reach them unchecked.

    Args:
        name: Letters, digits, `.`, `-` and single `_`; starts with a letter or digit; 100 characters at most.

    Raises:
        ConfigurationError: The name could leave its folder, confuse an alias, or is no file name on some system.
    """

    __slots__ = ()
    kind = "collection"


class VersionName(_SafeName):
    """The name of a version of a collection; the rules are those of `CollectionName`."""

    __slots__ = ()
    kind = "version"

    @classmethod
    def new(cls, *, suffix: str) -> VersionName:
        """Name a new version by the time.

        Args:
            suffix: Lower-case hexadecimal digits that tell apart versions of the same millisecond.
        """
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")[:-3]
        return cls(f"{stamp}-{suffix}")

    @property
    def is_ours(self) -> bool:
        """Whether `new` could have made the name: on a shared server, other programs name things, too."""
        return _NEW.fullmatch(self) is not None


class AttachmentName(_SafeName):
    """The name of a file that is stored with a version; the rules are those of `CollectionName`."""

    __slots__ = ()
    kind = "file"


def is_name(text: str) -> bool:
    """Tell whether a text, such as the name of a folder that was found, is a name that could have been given.

    Args:
        text: The text.
    """
    try:
        VersionName(text)
    except ConfigurationError:
        return False
    return True
