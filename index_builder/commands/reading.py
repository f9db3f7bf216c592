"""Share the flags, the handling of standard input and the final report of commands that read a source."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index_builder.piped import kept
from searchapp.cli.output import console, print_json, say, warn
from searchapp.errors import InputError

if TYPE_CHECKING:
    from index_builder.options import BuildOptions
    from index_builder.report import BuildReport

Format = Annotated[
    str | None,
    typer.Option(help="jsonl, json, csv, parquet, beir, squad, folder or hf; default: detected from the content."),
]
TrustRemoteCode = Annotated[bool, typer.Option(help="Let a Hub model run its own code.")]
TextField = Annotated[str | None, typer.Option(help="Field with the text.")]
IdField = Annotated[str | None, typer.Option(help="Field with the id.")]
LanguageField = Annotated[str | None, typer.Option(help="Field with the language.")]
TitleField = Annotated[str | None, typer.Option(help="Field with the title.")]
Encoding = Annotated[str | None, typer.Option(help="Encoding of text files, such as cp1252; default: detected.")]
LanguagePath = Annotated[
    str | None,
    typer.Option(help="Paths in a folder that name a language, such as 'pages.{language}/'; default: usual layouts."),
]
Keep = Annotated[int, typer.Option(min=0, help="Old versions kept for rollback.")]
Strict = Annotated[bool, typer.Option(help="Stop at the first bad row instead of setting it aside.")]


@contextmanager
def piped(source: str, options: BuildOptions, *, work: Path) -> Iterator[tuple[str, BuildOptions]]:
    """Copy standard input to a file if it is the source, because a build reads its source twice.

    Args:
        source: The user's source; `-` for standard input.
        options: How to read the source. Standard input contains JSON lines unless a format is given.
        work: Folder for the file, which is deleted afterwards.

    Raises:
        InputError: Standard input is a terminal, or empty.
        StorageFullError: It does not fit on the disk.
    """
    if source != "-":
        yield source, options
        return
    if sys.stdin.isatty():
        raise InputError("- reads JSON lines from standard input, which is a terminal: pipe something into it")
    with kept(sys.stdin.buffer, work) as path:
        if not path.stat().st_size:
            raise InputError("standard input is empty, expected JSON lines")
        yield str(path), replace(options, format=options.format or "jsonl", source_name="standard input")


def account(report: BuildReport, *, json: bool) -> None:
    """Print the report of a build.

    Args:
        report: Report of the finished build.
        json: Print it as JSON.
    """
    if json:
        print_json({**asdict(report), "rate": report.rate})
        return
    say(
        "[green]✓[/] {r.collection}: {r.passages:,} passages of {r.documents:,} documents in {languages} languages, "
        "{r.seconds:.1f} s ({r.rate:,.0f} passages/s)",
        r=report,
        languages=len(report.languages),
    )
    if report.reused or report.resumed:
        console.print(f"  {report.reused:,} embeddings reused, {report.resumed:,} passages resumed")
    console.print(f"  version {report.version} is live")
    for note in report.notes:
        warn(note)
    if report.rejected:
        reasons = ", ".join(f"{count}× {reason}" for reason, count in report.reasons.items())
        warn(f"{report.rejected:,} rows rejected ({reasons}); see {report.rejects_path}")
