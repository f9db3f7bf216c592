"""Open collections from settings and print for people and programs, for all commands."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

from searchapp.errors import ConfigurationError, redacted

if TYPE_CHECKING:
    from searchapp.client import SearchClient
    from searchapp.expansion.base import QueryWriter
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
TrustRemoteCode = Annotated[bool, typer.Option(help="Let a Hub model run code from its own repository.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

_CONTROL = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"}
_CONTROL |= {0x7F: "\u2421", **dict.fromkeys(range(0x80, 0xA0), "\ufffd")}
"""Control characters -> visible replacement. ESC, NUL and others would control the terminal."""


_ABOVE_ASCII = re.compile("[\x7f-\x9f]")
"""Control characters that JSON does not escape."""


class SafeConsole(Console):
    """A console that shows text literally: markup only through `say`, and no control characters."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render an object with control characters replaced by visible ones.

        Args:
            renderable: The object to print.
            options: Width and other options of the output.
        """
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(segment.text.translate(_CONTROL), segment.style)


class SafeFormatter(logging.Formatter):
    """Writes log lines without secrets and control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record and its traceback.

        Args:
            record: Record to write, with its exception if it has one.
        """
        return redacted(super().format(record)).translate(_CONTROL)


def traceback_of(error: BaseException) -> str:
    """Format the traceback of an error without secrets and control characters.

    Args:
        error: Error whose traceback, with those of its causes, is formatted.
    """
    return redacted("".join(traceback.format_exception(error))).translate(_CONTROL)


class _Escaping(Formatter):
    """Fills the fields of a template with text that is never read as markup."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return escape(str(super().format_field(value, format_spec)))


console = SafeConsole()
errors = SafeConsole(stderr=True)


def say(template: str, *, to: Console = console, highlight: bool = True, **values: object) -> None:
    """Print a line with markup: `say("[green]✓[/] {name}", name=…)`. Markup in the values is shown literally.

    Args:
        template: Text with rich markup and `str.format` fields. It must not contain text from users or files.
        to: The console.
        highlight: Colour numbers and similar.
        values: Values of the fields.
    """
    to.print(_Escaping().vformat(template, (), values), markup=True, highlight=highlight)


def fail(message: str) -> None:
    """Print an error.

    Args:
        message: One or several lines.
    """
    errors.print("[bold red]error:[/] ", end="", markup=True)
    errors.print(redacted(message), highlight=False, soft_wrap=True)


def warn(message: str) -> None:
    """Print a warning.

    Args:
        message: One or several lines.
    """
    errors.print("[bold yellow]note:[/] ", end="", markup=True)
    errors.print(redacted(message), highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print one JSON document.

    Args:
        value: A value that `json.dumps` accepts.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2)
    sys.stdout.write(_ABOVE_ASCII.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def settings() -> Settings:
    """Read the settings from the environment and the file."""
    from searchapp.settings import read_settings

    return read_settings()


def place(home: Path | None, url: str | None) -> tuple[Path | None, str | None]:
    """Choose the home folder or the server. A flag for one overrides a setting for the other.

    Args:
        home: Folder of embedded collections from a flag, or None.
        url: Address of a server from a flag, or None.
    """
    if home is not None or url is not None:
        return home, url
    found = settings()
    return (None, found.qdrant_url) if found.qdrant_url else (found.home, None)


def catalog_at(home: Path | None, url: str | None) -> Catalog:
    """Open the catalog named by flags and settings.

    Args:
        home: Folder of embedded collections from a flag, or None.
        url: Address of a server from a flag, or None.
    """
    from searchapp.stores.opening import open_catalog

    where, server = place(home, url)
    return open_catalog(home=where, url=server)


def open_client(
    collection: str | None,
    home: Path | None,
    url: str | None,
    *,
    trust_remote_code: bool = False,
    reranker: str | None = None,
) -> SearchClient:
    """Open the collection named by flags and settings; the caller closes the client.

    Args:
        collection: Name of the collection; None for the one of the settings.
        home: Folder of embedded collections from a flag, or None.
        url: Address of a server from a flag, or None.
        trust_remote_code: Let a Hub model run code from its own repository.
        reranker: Folder or Hub name of a CrossEncoder; None for the one of the settings.
    """
    from searchapp.client import SearchClient

    found = settings()
    folder, server = place(home, url)
    return SearchClient(
        found.collection if collection is None else collection,
        home=folder,
        url=server,
        detector=found.detector,
        trust_remote_code=trust_remote_code,
        reranker=reranker or found.reranker,
        writer=_writer(found, trust_remote_code=trust_remote_code),
    )


def _writer(found: Settings, *, trust_remote_code: bool) -> QueryWriter | None:
    """Create the language model of the settings: an API, or else a local model."""
    if found.writer_model is None:
        if found.writer_url is not None:
            raise ConfigurationError("SEARCHAPP_WRITER_URL is set without SEARCHAPP_WRITER_MODEL: name the model there")
        return None
    if found.writer_url is None:
        from searchapp.expansion.local import LocalWriter

        return LocalWriter(found.writer_model, trust_remote_code=trust_remote_code, timeout=found.writer_timeout)
    from searchapp.expansion.openai_compatible import OpenAICompatibleWriter

    key = None if found.writer_key is None else found.writer_key.get_secret_value()
    return OpenAICompatibleWriter(found.writer_url, model=found.writer_model, key=key, timeout=found.writer_timeout)


def work_folder(home: Path | None) -> Path:
    """Return the folder of journals, locks and rejects, which collections on a server need as well.

    Args:
        home: Folder of embedded collections from a flag, or None.
    """
    from searchapp.stores.opening import default_home

    return Path(home or settings().home or default_home()).expanduser() / "builds"


def encoder_named(name: str) -> str:
    """Make the path of an encoder's folder absolute, because the manifest's readers may run anywhere.

    Args:
        name: A folder, or another name, which is returned unchanged.
    """
    path = Path(name).expanduser()
    return str(path.resolve()) if path.is_dir() else name


def size(count: int) -> str:
    """Format a number of bytes for people.

    Args:
        count: Number of bytes.
    """
    number = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} TiB"
