"""The command line, `searchapp`. This package has the core's commands; other packages add theirs with entry points."""

from searchapp.cli.app import app, main

__all__ = ["app", "main"]
