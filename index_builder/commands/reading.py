"""Share the flags, the handling of standard input and the final report of commands that read a source."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index_builder.piped import kept
from searchapp.cli.output import console, print_json, say, warn
from searchapp.errors import InputError

if TYPE_CHECKING:
    from index_builder.options import BuildOptions
    from index_builder.report import BuildReport

Keep = Annotated[int, typer.Option(min=0, help="Old versions kept for rollback.")]


@dataclass(frozen=True, slots=True)
class Reading:
    """Options of commands that read a source; the help texts of the fields say what they mean."""

    format: Annotated[
        str | None,
        typer.Option(help="jsonl, json, csv, parquet, beir, squad, folder or hf; default: detected from the content."),
    ] = None
    text_field: Annotated[str | None, typer.Option(help="Field with the text.")] = None
    id_field: Annotated[str | None, typer.Option(help="Field with the id.")] = None
    language_field: Annotated[str | None, typer.Option(help="Field with the language.")] = None
    title_field: Annotated[str | None, typer.Option(help="Field with the title.")] = None
    encoding: Annotated[str | None, typer.Option(help="Encoding of text files, such as cp1252; default: detected.")] = (
        None
    )
    language_path: Annotated[
        str | None,
        typer.Option(
            help="Paths in a folder that name a language, such as 'pages.{language}/'; default: usual layouts."
        ),
    ] = None
    trust_remote_code: Annotated[bool, typer.Option(help="Let a Hub model run its own code.")] = False
    keep: Keep = 2
    strict: Annotated[bool, typer.Option(help="Stop at the first bad row instead of setting it aside.")] = False

    def options(self) -> BuildOptions:
        """Return these options as those of a build, with the defaults of all others."""
        from index_builder import BuildOptions, Columns

        return BuildOptions(
            format=self.format,
            columns=Columns(
                text=self.text_field, id=self.id_field, language=self.language_field, title=self.title_field
            ),
            encoding=self.encoding,
            language_path=self.language_path,
            trust_remote_code=self.trust_remote_code,
            keep=self.keep,
            strict=self.strict,
        )


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
        raise InputError(
            "'-' reads JSON lines from standard input, but standard input is a terminal: pipe a file into it"
        )
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
