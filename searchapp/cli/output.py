"""What the commands share: opening things from settings, printing for people and for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from searchapp.settings import Settings
    from searchapp.stores.base import Catalog

Collection = Annotated[
    str | None, typer.Option("--collection", "-c", help="Collection; default $SEARCHAPP_COLLECTION, else demo.")
]
Home = Annotated[
    Path | None, typer.Option(help="Folder of embedded collections; default $SEARCHAPP_HOME, else ~/.searchapp.")
]
Url = Annotated[
    str | None, typer.Option(help="Qdrant server; default $QDRANT_URL. Its key is read from $QDRANT_API_KEY.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

console = Console()
errors = Console(stderr=True)


def fail(message: str) -> None:
    """Print an error."""
    errors.print("[bold red]error:[/] ", end="")
    errors.print(message, markup=False, highlight=False, soft_wrap=True)


def warn(message: str) -> None:
    """Print a warning."""
    errors.print("[bold yellow]note:[/] ", end="")
    errors.print(message, markup=False, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def settings() -> Settings:
    """Environment and file."""
    from searchapp.settings import read_settings

    return read_settings()


def place(home: Path | None, url: str | None) -> tuple[Path | None, str | None]:
    """Home folder or server: flags first, and a flag for one outweighs a setting for the other."""
    if home is not None or url is not None:
        return home, url
    found = settings()
    return (None, found.qdrant_url) if found.qdrant_url else (found.home, None)


def catalog_at(home: Path | None, url: str | None) -> Catalog:
    """Open the catalog that flags and settings name."""
    from searchapp.stores.opening import open_catalog

    where, server = place(home, url)
    return open_catalog(home=where, url=server)


def size(count: int) -> str:
    """Bytes for people."""
    number = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} TiB"
