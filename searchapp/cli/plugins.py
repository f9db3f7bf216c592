"""Find the commands of other packages by entry points, and import them only when they are called or listed.

A package registers its commands in the group `searchapp.commands` of its metadata: the entry point's name is the command's
name and its value a `typer.Typer` app. An app with one command is that command; an app with several is a group of them.
"""

from __future__ import annotations

import logging
from difflib import get_close_matches
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from searchapp.errors import ConfigurationError

logger = logging.getLogger(__name__)

GROUP = "searchapp.commands"


class PluginGroup(TyperGroup):
    """Adds the commands of entry points to the core's. A core command overrides an entry point of the same name."""

    @cached_property
    def _found(self) -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in sorted(entry_points(group=GROUP)) if entry.name not in self.commands}

    def list_commands(self, ctx: Any) -> list[str]:
        """List the core's commands, then the others alphabetically.

        Args:
            ctx: Context of the call, passed on to the core's group.
        """
        return [*super().list_commands(ctx), *self._found]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Find a command. If its package cannot be imported, the result is a command that reports the reason.

        Args:
            ctx: The context of the call.
            cmd_name: The name on the command line.

        Raises:
            ConfigurationError: The command does not exist.
        """
        if (known := super().get_command(ctx, cmd_name)) is not None:
            return known
        if cmd_name in self._found:
            command = typer.main.get_command(_loaded(self._found[cmd_name]))
            command.name = cmd_name
            return command
        near = "".join(f" Did you mean {name!r}?" for name in get_close_matches(cmd_name, self.list_commands(ctx), n=1))
        raise ConfigurationError(
            f"there is no command {cmd_name!r}.{near} Available are {', '.join(self.list_commands(ctx))}; commands such as "
            "index, serve and train come with their packages: when one is missing, install searchapp again"
        )


def _loaded(entry: EntryPoint) -> typer.Typer:
    try:
        app = entry.load()
    except Exception as error:  # an import may raise anything; the other commands must work all the same
        logger.debug("entry point %s cannot be loaded", entry.value, exc_info=True)
        return _broken(entry, f"{type(error).__name__}: {error}")
    if not isinstance(app, typer.Typer):
        return _broken(entry, f"it is {type(app).__name__}, expected typer.Typer")
    return app


def _broken(entry: EntryPoint, reason: str) -> typer.Typer:
    """Create a command that accepts any arguments and reports why the real one is missing."""
    origin = entry.dist.name if entry.dist is not None else "unknown"
    app = typer.Typer(context_settings={"ignore_unknown_options": True, "help_option_names": []})

    @app.command(help=f"Cannot be loaded ({reason}).")
    def broken(arguments: Annotated[list[str] | None, typer.Argument(hidden=True)] = None) -> None:
        raise ConfigurationError(
            f"the command {entry.name!r} comes from {entry.value} (package {origin}) and cannot be loaded: {reason}. "
            "Install the package again, or remove it"
        )

    return app
