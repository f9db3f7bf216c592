"""Read the metadata at the head of a Markdown file: YAML between `---` lines or TOML between `+++` lines."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_FRONT_MATTER = 1 << 14
"""Maximum length of a metadata block in characters."""

_YAML = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\A\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Separate the metadata from a text.

    Args:
        text: Content of a Markdown file.

    Returns:
        The metadata by name, and the rest of the text. Without readable metadata: nothing, and the whole text.
    """
    for pattern, parse in ((_YAML, _yaml), (_TOML, _toml)):
        match = pattern.match(text[: MAX_FRONT_MATTER + 16])
        if match is not None and (found := parse(match[1])) is not None:
            return {str(name): value for name, value in found.items()}, text[match.end() :]
    return {}, text


def _yaml(text: str) -> Mapping[Any, Any] | None:
    try:
        import yaml
    except ImportError:  # the block stays part of the text
        return None
    try:
        found = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, OverflowError, AttributeError):
        return None
    return found if isinstance(found, Mapping) else None


def _toml(text: str) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
