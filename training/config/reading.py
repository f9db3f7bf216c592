"""Read TOML or YAML into pydantic dataclasses; an error names the file, the key, the value and what was expected."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from searchapp.errors import ConfigurationError, shown

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    import yaml

T = TypeVar("T")


def read_file(path: Path) -> dict[str, Any]:
    """Read a mapping from a .toml, .yaml or .yml file.

    Args:
        path: The file; its suffix decides the format.

    Raises:
        ConfigurationError: The file is missing, has another suffix, is not valid or does not hold keys and values.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            raw: Any = tomllib.loads(text)
        elif path.suffix in (".yaml", ".yml"):
            import yaml

            try:
                raw = yaml.load(text, Loader=_yaml_loader())  # noqa: S506, as it derives from the safe loader
            except yaml.YAMLError as error:
                raise ConfigurationError(f"{path}: not YAML: {error}") from error
        else:
            raise ConfigurationError(f"{path}: expected a file that ends in .toml, .yaml or .yml")
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read ({error.strerror}); expected a TOML or YAML file, such as those in training/recipes"
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if not isinstance(raw, dict):
        raise ConfigurationError(f"{path}: contains a {type(raw).__name__}; expected keys and values")
    return raw


def _yaml_loader() -> type[yaml.SafeLoader]:
    """Return a safe loader that reads 3e-5 as a number, as YAML 1.2 does; PyYAML wants 3.0e-5."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc, unused-ignore]
        pass

    exponent = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", exponent, list("-+0123456789"))
    return Loader


def build(cls: type[T], raw: Mapping[str, Any], *, place: str) -> T:
    """Create a pydantic dataclass, with nested ones, from what a file contains.

    Args:
        cls: The dataclass to create.
        raw: Names of fields and their values.
        place: Name of the file in messages.

    Raises:
        ConfigurationError: A key is unknown or missing, or a value has the wrong type or is out of range.
    """
    try:
        return TypeAdapter(cls).validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        found = error.errors()
        inner = [one for one in found if not any(_inside(other["loc"], one["loc"]) for other in found)]
        raise ConfigurationError("\n".join(_described(cls, one, place) for one in inner)) from error


def _inside(inner: tuple[str | int, ...], outer: tuple[str | int, ...]) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _described(cls: type, error: ErrorDetails, place: str) -> str:
    *parents, name = error["loc"] or ("",)
    if error["type"] == "missing":
        return f"{_joined(place, parents)}: missing key {name}"
    if error["type"] == "unexpected_keyword_argument":
        known = ", ".join(sorted(entry.name for entry in fields(_section(cls, parents))))
        return f"{_joined(place, parents)}: unknown key {name}; known are {known}"
    expected = re.sub("^[A-Z][a-z]+ should (be|have) ", "expected ", error["msg"])
    return f"{_joined(place, error['loc'])} is {shown(error['input'])}; {expected}"


def _joined(place: str, keys: Sequence[str | int]) -> str:
    return place + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)


def _section(cls: Any, keys: Sequence[str | int]) -> Any:
    """Return the dataclass of a nested section."""
    for key in keys:
        if isinstance(key, str):
            hint = get_type_hints(cls)[key]
            cls = next(kind for kind in (hint, *get_args(hint)) if is_dataclass(kind))
    return cls
