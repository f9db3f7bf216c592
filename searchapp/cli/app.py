"""Assemble the commands and turn errors into messages and exit codes."""

from __future__ import annotations

import io
import logging
import os
import sys
from typing import Annotated

import typer

from searchapp.cli import evaluation, probe, search
from searchapp.cli.output import SafeFormatter, fail, traceback_of
from searchapp.cli.plugins import PluginGroup
from searchapp.errors import SearchAppError

EXIT_CODES = """
Exit codes: 0 done, 1 other error, 2 bad flag or setting, 3 bad input, 4 no such collection, 5 encoder mismatch,
6 store, 7 build, 8 encoder, 9 missing extra, 10 gate not passed, 11 language model, 12 training, 130 interrupted.
"""

app = typer.Typer(
    name="searchapp",
    cls=PluginGroup,
    help="Multilingual semantic search whose language bias is visible, measured and correctable.\n" + EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("search")(search.search)
app.command("probe")(probe.probe)
app.add_typer(evaluation.app, name="eval")

_state = {"debug": False}


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("searchapp"))
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option(help="Show tracebacks and debug logs.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Set options for all commands."""
    _state["debug"] = debug
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(SafeFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, handlers=[handler])


def main() -> None:
    """Run a command. Expected errors become a message and an exit code; a traceback needs --debug."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file name may contain what the terminal cannot show
    try:
        app(prog_name="searchapp", standalone_mode=True)
    except KeyboardInterrupt:
        fail("interrupted; an index build resumes when the same command is run again")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # a closed pager is not an error
        sys.exit(0)
    except Exception as error:
        if _state["debug"]:
            sys.stderr.write(traceback_of(error))
        else:
            fail(_message(error))
        sys.exit(error.exit_code if isinstance(error, SearchAppError) else 1)


def _message(error: Exception) -> str:
    if isinstance(error, SearchAppError):
        return str(error)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}; check the path, its owner and its permissions"
    return f"unexpected {type(error).__name__}: {error}. Run again with: searchapp --debug …"
