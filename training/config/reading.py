"""Read TOML or YAML into frozen dataclasses, with errors for unknown keys and values of the wrong type."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from searchapp.errors import ConfigurationError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

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
                raw = yaml.safe_load(text)
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


def build(cls: type[T], raw: Mapping[str, Any], *, place: str) -> T:
    """Create a dataclass, with nested ones, from a mapping.

    Args:
        cls: The dataclass to make.
        raw: Names of fields and their values.
        place: Name of the mapping in messages, such as `recipe.toml: [loss]`.

    Raises:
        ConfigurationError: A key is unknown or missing, or a value has the wrong type.
    """
    hints = get_type_hints(cls)
    known = {entry.name: entry for entry in fields(cls)}  # type: ignore[arg-type]
    if unknown := sorted(set(raw) - set(known)):
        raise ConfigurationError(f"{place}: unknown keys {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    required = [
        name
        for name, entry in known.items()
        if entry.default is MISSING and entry.default_factory is MISSING and name not in raw
    ]
    if required:
        raise ConfigurationError(f"{place}: missing keys {', '.join(required)}")
    values = {name: _value(hints[name], value, place=f"{place}.{name}") for name, value in raw.items()}
    return cls(**values)


def _value(hint: Any, value: Any, *, place: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _value(next(kind for kind in arguments if kind is not type(None)), value, place=place)
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise ConfigurationError(f"{place}: {value!r}; expected a table of keys and values")
        return build(hint, value, place=place)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ConfigurationError(f"{place}: {value!r}; expected a list")
        return tuple(_value(arguments[0], item, place=f"{place}[{number}]") for number, item in enumerate(value))
    if origin is not None and isinstance(value, Mapping):
        return {str(key): _value(arguments[1], item, place=f"{place}.{key}") for key, item in value.items()}
    return _scalar(hint, value, place=place)


def _scalar(hint: Any, value: Any, *, place: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is float and isinstance(value, str):  # YAML reads 3e-5 as text
        try:
            return float(value)
        except ValueError:
            pass
    if not isinstance(hint, type) or not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        expected = getattr(hint, "__name__", str(hint))
        raise ConfigurationError(f"{place}: {value!r} is a {type(value).__name__}; expected {expected}")
    return value
