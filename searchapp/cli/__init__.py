"""The command line: `searchapp`. The core's commands are here; other packages bring theirs by entry point."""

from searchapp.cli.app import app, main

__all__ = ["app", "main"]
