"""Render the collections and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from searchapp.stores.base import VersionInfo
from searchapp.stores.manifest import Manifest
from searchapp.text.languages import english_name
from ui.views.jobs import Spectrum, spectrum
from ui.views.message import message_view
from ui.views.parts import listed
from ui.views.templates import draw


@dataclass(frozen=True, slots=True)
class Facts:
    """What a collection contains.

    Attributes:
        facts: Sizes, encoder and debiasing, one phrase each.
        names: Its languages in words.
        strip: Shares of its languages.
    """

    collection: str
    facts: tuple[str, ...]
    names: str
    strip: Spectrum


@dataclass(frozen=True, slots=True)
class Row:
    """A version with its encoder, time and size as they are shown."""

    info: VersionInfo
    encoder: str
    built: str
    size: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A collection with its versions, newest first."""

    facts: Facts
    rows: tuple[Row, ...]


def collections_view(
    found: Mapping[str, Sequence[VersionInfo]], damaged: Mapping[str, str], *, may_change: bool
) -> str:
    """Render a sheet per collection.

    Args:
        found: Collection -> its versions, oldest first.
        damaged: Collection -> why it cannot be read.
        may_change: Whether older versions can be made live.
    """
    if not found and not damaged:
        return message_view("There is no collection yet.", "Build one below, or run: searchapp demo")
    return draw(
        "collections",
        sheets=[_sheet(name, versions) for name, versions in found.items()],
        may_change=may_change,
        damaged=damaged,
    )


def unfinished_view(unfinished: Mapping[str, int]) -> str:
    """Render the interrupted builds.

    Args:
        unfinished: Collection -> number of batches that a resumed build need not repeat.
    """
    return draw("unfinished", unfinished=unfinished) if unfinished else ""


def manifest_view(manifest: Manifest) -> str:
    """Render the manifest of a single client without a catalog.

    Args:
        manifest: Manifest of the live version.
    """
    return draw("manifest", facts=_facts(manifest.collection, manifest, 0))


def _sheet(name: str, versions: Sequence[VersionInfo]) -> Sheet:
    live = next((info for info in versions if info.live), versions[-1])
    rows = tuple(
        Row(
            info,
            _encoder(info.manifest),
            info.manifest.created[:16].replace("T", " "),
            bytes_of(info.bytes) if info.bytes else "",
        )
        for info in reversed(versions)
    )
    return Sheet(_facts(name, live.manifest, live.bytes), rows)


def _facts(name: str, manifest: Manifest, size: int) -> Facts:
    facts = [
        counted(manifest.points, "passage"),
        counted(len(manifest.languages), "language"),
        f"{_encoder(manifest)} ({manifest.dimension}-d)",
    ]
    if manifest.debias:
        facts.append(f"debias {manifest.debias.name}")
    if size:
        facts.append(bytes_of(size))
    names = listed([english_name(code) for code in manifest.languages], most=5)
    return Facts(name, tuple(facts), names, spectrum(manifest.languages))


def _encoder(manifest: Manifest) -> str:
    """Return the encoder's name; only the last part of a folder, which reveals nothing about the server."""
    path = Path(manifest.encoder)
    return f"…/{path.name}" if path.is_absolute() else manifest.encoder


def counted(count: int, what: str) -> str:
    """Write a number with its noun: `1 passage`, `1,200 passages`.

    Args:
        count: Number of things, 0 or more.
        what: English noun in the singular whose plural ends in s.
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def bytes_of(count: int) -> str:
    """Format a number of bytes for people, such as `1.5 GiB`.

    Args:
        count: Number of bytes, 0 or more.
    """
    number = float(count)
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} GiB"
