"""The command line: `searchapp`. The composition root; it alone imports the packages around the core, lazily."""

from searchapp.cli.app import app, main

__all__ = ["app", "main"]
