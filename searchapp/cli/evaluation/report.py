"""Write results as a page, Markdown and JSON: `searchapp eval report`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from searchapp.cli.output import AsJson


def report(
    results: Annotated[list[Path], typer.Argument(help="results.json files or their folders, of one task.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path("report"),
    as_json: AsJson = False,
) -> None:
    """Write report.html (one file, with plots), report.md and report.json.

    `searchapp eval report results/builtin results/minilm --output report`
    """
    from searchapp.cli.output import console, print_json
    from searchapp.errors import ConfigurationError
    from searchapp.evaluation.report.markdown import markdown_report
    from searchapp.evaluation.report.page import html_report
    from searchapp.evaluation.results import load_results

    loaded = [load_results(path) for path in results]
    if len({item.task.digest for item in loaded}) > 1:
        names = ", ".join(f"{item.task.name} ({item.task.digest})" for item in loaded)
        raise ConfigurationError(f"one report is of one task, these are of {names}")
    output.mkdir(parents=True, exist_ok=True)
    files = {
        "report.html": html_report(loaded),
        "report.md": markdown_report(loaded),
        "report.json": json.dumps([json.loads(item.to_json()) for item in loaded], ensure_ascii=False, indent=1) + "\n",
    }
    for name, text in files.items():
        (output / name).write_text(text, encoding="utf-8")
    if as_json:
        print_json({"files": [str(output / name) for name in files]})
    else:
        console.print("\n".join(str(output / name) for name in files), markup=False, highlight=False)
