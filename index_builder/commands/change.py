"""Change a collection without a rebuild: `searchapp index add` and `index remove`."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import Annotated

import typer

from index_builder.commands.reading import Keep, Reading, account, piped
from searchapp.cli.output import AsJson, Home, Url, catalog_at, print_json, say, warn, work_folder

Changed = Annotated[str, typer.Option("--collection", "-c", help="Collection that is changed.")]


def add(
    source: Annotated[str, typer.Argument(help="File, folder, or - for piped JSON lines.")],
    collection: Changed,
    reading: Reading,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Add documents to a collection, or replace those with the same ids; searches continue meanwhile.

    Encoder and cutting are those of the collection. An interrupted addition resumes where it stopped when the same
    command is run again.

    Examples:

        searchapp index add new.jsonl --collection docs

        tail -n 1 corpus.jsonl | searchapp index add - --collection docs
    """
    from index_builder import add_documents
    from searchapp.cli.progress import progress_bar

    with ExitStack() as stack:
        source, options = stack.enter_context(piped(source, reading.options(), work=work_folder(home)))
        catalog = stack.enter_context(closing(catalog_at(home, url)))
        tell = stack.enter_context(progress_bar(quiet=json, rate_of="passages"))
        report = add_documents(
            source, collection, options=options, catalog=catalog, work=work_folder(home), progress=tell
        )
    account(report, json=json)


def remove(
    ids: Annotated[list[str], typer.Argument(help="Ids of the documents.", metavar="ID...")],
    collection: Changed,
    keep: Keep = 2,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Remove documents from a collection; searches continue meanwhile, and a rollback restores them.

    Examples:

        searchapp index remove tea-en tea-de --collection docs
    """
    from index_builder import remove_documents

    with closing(catalog_at(home, url)) as catalog:
        report = remove_documents(ids, collection, keep=keep, catalog=catalog, work=work_folder(home))
    if json:
        print_json(asdict(report))
        return
    say(
        "[green]✓[/] {r.collection}: {r.documents:,} documents with {r.passages:,} passages removed; {r.version} is live",
        r=report,
    )
    if report.missing:
        some = ", ".join(report.missing[:5]) + (", …" if len(report.missing) > 5 else "")
        warn(f"not in {report.collection}: {some}")
