"""Render the collections and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from searchapp.stores.base import VersionInfo
from searchapp.stores.manifest import Manifest
from searchapp.text.languages import english_name
from ui.views.jobs import spectrum
from ui.views.parts import listed, message_view


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
    sheets = "".join(_sheet(name, versions, may_change) for name, versions in found.items())
    broken = "".join(
        message_view(f"{name} cannot be read.", problem, kind="error") for name, problem in damaged.items()
    )
    return f'<section class="collections" aria-label="Collections">{sheets}{broken}</section>'


def unfinished_view(unfinished: Mapping[str, int]) -> str:
    """Render the interrupted builds.

    Args:
        unfinished: Collection -> number of batches that a resumed build need not repeat.
    """
    rows = "".join(
        f"<li><span><b>{escape(name)}</b>: a build was interrupted; {batches:,} finished "
        f"{'batch is' if batches == 1 else 'batches are'} kept. Build it from the same file with the same settings, and "
        f'it resumes from there.</span><button type="button" class="small" data-discard="1" '
        f'data-collection="{escape(name)}">Delete what is kept</button></li>'
        for name, batches in unfinished.items()
    )
    return f'<ul class="unfinished" aria-label="Unfinished builds">{rows}</ul>' if rows else ""


def manifest_view(manifest: Manifest) -> str:
    """Render the manifest of a single client without a catalog.

    Args:
        manifest: Manifest of the live version.
    """
    return f'<section class="collections">{_facts(manifest.collection, manifest, 0)}</section>'


def _sheet(name: str, versions: Sequence[VersionInfo], may_change: bool) -> str:
    live = next((info for info in versions if info.live), versions[-1])
    rows = "".join(_version(info, may_change) for info in reversed(versions))
    table = (
        '<table class="versions"><thead><tr><th scope="col">Version</th><th scope="col"><span class="sr">State</span></th>'
        '<th scope="col" class="number">Passages</th><th scope="col">Encoder</th><th scope="col">Built</th>'
        f'<th scope="col" class="number">Size</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    return (
        f'<article class="collection">{_facts(name, live.manifest, live.bytes)}<div class="scroll" tabindex="0" '
        f'role="region" aria-label="Versions of {escape(name)}">{table}</div></article>'
    )


def _facts(name: str, manifest: Manifest, size: int) -> str:
    names = listed([english_name(code) for code in manifest.languages], most=5)
    debias = f" · debias {escape(manifest.debias.name)}" if manifest.debias else ""
    return (
        f'<header><h3>{escape(name)}</h3><p class="quiet">{counted(manifest.points, "passage")} · '
        f"{counted(len(manifest.languages), 'language')} · {_encoder(manifest)} ({manifest.dimension}-d){debias}"
        f"{f' · {bytes_of(size)}' if size else ''}</p></header>"
        f'{spectrum(dict(manifest.languages))}<p class="quiet">{escape(names)}</p>'
    )


def _version(info: VersionInfo, may_change: bool) -> str:
    manifest = info.manifest
    if info.live:
        state = '<span class="live">live</span>'
    elif may_change:
        state = (
            f'<button type="button" class="small" data-activate="{escape(info.version)}" '
            f'data-collection="{escape(info.collection)}">Make live</button>'
        )
    else:
        state = ""
    return (
        f'<tr><th scope="row"><code>{escape(info.version)}</code></th><td>{state}</td>'
        f'<td class="number">{manifest.points:,}</td>'
        f"<td>{_encoder(manifest)}</td><td>{escape(manifest.created[:16].replace('T', ' '))}</td>"
        f'<td class="number">{bytes_of(info.bytes) if info.bytes else ""}</td></tr>'
    )


def _encoder(manifest: Manifest) -> str:
    """Return the encoder's name; only the last part of a folder, which reveals nothing about the server."""
    path = Path(manifest.encoder)
    return escape(f"…/{path.name}" if path.is_absolute() else manifest.encoder)


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
