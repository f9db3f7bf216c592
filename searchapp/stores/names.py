"""Check names that become folders, files and aliases once, and carry them as types of their own."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TypeVar

from searchapp.errors import ConfigurationError

LONGEST = 100
"""Maximum length of a name."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_NEW = re.compile(r"\d{8}T\d{9}-[0-9a-f]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows reserves for devices, with or without an extension."""

_Name = TypeVar("_Name", bound="_SafeName")


class _SafeName(str):
    """A name that cannot leave its folder on any operating system. An invalid name raises an error."""

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

    Functions that turn a name into a path or an alias require this type, so that no name reaches them unchecked.

    Args:
        name: Letters, digits, `.`, `-` and single `_`; starts with a letter or digit; 100 characters at most.

    Raises:
        ConfigurationError: The name could leave its folder, confuse an alias, or is not a file name on some system.
    """

    __slots__ = ()
    kind = "collection"


class VersionName(_SafeName):
    """The name of a version of a collection. The rules are those of `CollectionName`."""

    __slots__ = ()
    kind = "version"

    @classmethod
    def new(cls, *, suffix: str) -> VersionName:
        """Create a name from the current time.

        Args:
            suffix: Lower-case hexadecimal digits that distinguish versions of the same millisecond.
        """
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S%f")[:-3]
        return cls(f"{stamp}-{suffix}")

    @property
    def is_ours(self) -> bool:
        """Return whether `new` could have created the name, as other programs may use names on a shared server."""
        return _NEW.fullmatch(self) is not None


class AttachmentName(_SafeName):
    """The name of a file stored with a version. The rules are those of `CollectionName`."""

    __slots__ = ()
    kind = "file"


def is_name(text: str) -> bool:
    """Return whether a text, such as the name of an existing folder, is a valid name.

    Args:
        text: Text of any length.
    """
    try:
        VersionName(text)
    except ConfigurationError:
        return False
    return True
