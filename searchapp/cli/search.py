"""Search a collection and show the hits and their languages: `searchapp search`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

import typer

from searchapp.cli.adopting import open_adopted
from searchapp.cli.output import (
    AsJson,
    Collection,
    Home,
    TrustRemoteCode,
    Url,
    console,
    open_client,
    print_json,
    say,
    warn,
)
from searchapp.cli.ranking import Rank, read_ranking, require_debias
from searchapp.errors import InputError

if TYPE_CHECKING:
    from rich.text import Text

    from searchapp.datatypes import Hit, LanguageReport, LanguageSpan, RankingStep, SearchResult

BAR = 16
_CONDITION = re.compile(r"([^<>=]+)(>=|<=|>|<|=)(.*)", re.DOTALL)
_OPERATORS = {">=": "gte", "<=": "lte", ">": "gt", "<": "lt"}


class ModeName(str, Enum):
    """Legs to search."""

    dense = "dense"
    lexical = "lexical"
    hybrid = "hybrid"


def search(
    query: Annotated[str, typer.Argument(help="A query in one or several languages.")],
    collection: Collection = None,
    limit: Annotated[int, typer.Option("--limit", "-k", help="Number of hits.")] = 10,
    offset: Annotated[int, typer.Option(help="Number of hits to skip.")] = 0,
    language: Annotated[
        list[str] | None, typer.Option("--language", "-l", help="Only this language; repeatable.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", help="FIELD=VALUE on metadata, or FIELD>=NUMBER and so on; repeatable."),
    ] = None,
    mode: Annotated[ModeName, typer.Option(help="Embeddings, BM25, or both fused.")] = ModeName.hybrid,
    rank: Rank = None,
    rerank_model: Annotated[
        str | None,
        typer.Option(help="CrossEncoder that re-ranks, a folder or Hub name; default $SEARCHAPP_RERANKER."),
    ] = None,
    adopt: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help="Search a collection of other software on a server: text=FIELD and encoder=NAME, and if needed vector=NAME, "
            "language=FIELD, title=FIELD; repeatable.",
        ),
    ] = None,
    home: Home = None,
    url: Url = None,
    trust_remote_code: TrustRemoteCode = False,
    json: AsJson = False,
) -> None:
    """Search a collection and report which languages the ranking favours.

    Examples:

        searchapp search "wie funktioniert photosynthesis en las plantas"

        searchapp search "why do rainbows form" -l de -l fr --limit 5

        searchapp search "tea" --where topic=tea --json

        searchapp search "tea" --rank balance=0.5 --rank per_language=2

        searchapp search "tea" -c articles --url http://127.0.0.1:6333 --adopt text=body --adopt encoder=ORG/MODEL
    """
    ranking = read_ranking([*(rank or []), "rerank=true"] if rerank_model else rank)
    with ExitStack() as stack:
        if adopt:
            client = open_adopted(stack, adopt, collection, home, url, trust_remote_code=trust_remote_code)
            mode = ModeName.dense  # there is no lexical leg
        else:
            client = stack.enter_context(
                open_client(collection, home, url, trust_remote_code=trust_remote_code, reranker=rerank_model)
            )
        require_debias(ranking, client.manifest())
        result = client.search(
            query,
            limit=limit,
            offset=offset,
            languages=language or None,
            filters=parse_where(where or []),
            mode=mode.value,
            ranking=ranking,
        )
    if json:
        print_json(as_json(result))
    else:
        _show(result)


def parse_where(conditions: list[str]) -> dict[str, Any]:
    """Parse `field=value` and `field>=1990`. Several values of one field match any of them.

    A value that can be read as a number or a truth value matches both that and the text, because sources type it differently.

    Args:
        conditions: `FIELD=VALUE`, or `FIELD>=NUMBER` (also `>`, `<=`, `<`).

    Returns:
        Filters on metadata, as `SearchClient.search` takes them.

    Raises:
        InputError: A condition has another form, or a field has both values and a range.
    """
    values: dict[str, list[Any]] = {}
    bounds: dict[str, dict[str, float]] = {}
    for condition in conditions:
        match = _CONDITION.fullmatch(condition)
        if match is None:
            raise InputError(f"--where {condition!r}: expected FIELD=VALUE, or FIELD>=NUMBER (also >, <=, <)")
        field, sign, value = match.groups()
        if sign == "=":
            values.setdefault(field, []).extend(_readings(value))
            continue
        number = _number(value)
        if number is None:
            raise InputError(f"--where {condition!r}: expected a number after {sign}, got {value!r}")
        bounds.setdefault(field, {})[_OPERATORS[sign]] = number
    if both := sorted(values.keys() & bounds.keys()):
        raise InputError(f"--where: both values and a range for {', '.join(both)}; use one of them")
    return {**values, **bounds}


def _readings(value: str) -> list[str | int | float | bool]:
    """Return a value as text and, if possible, as a number or a truth value."""
    if value in ("true", "false"):
        return [value, value == "true"]
    number = _number(value)
    if number is None:
        return [value]
    return [value, int(value) if value.lstrip("-").isdecimal() and abs(number) >= 2**53 else number]


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if isfinite(number) and abs(number) < 2**63 else None


def as_json(result: SearchResult) -> dict[str, Any]:
    """Turn a result into plain values, with an excerpt of each hit as `snippet`.

    Args:
        result: The result of one query.
    """
    from searchapp.text.snippets import snippet

    record = result.to_dict()
    for hit, found in zip(result, record["hits"], strict=True):
        found["snippet"] = asdict(snippet(hit.text, result.spans, hit.language))
    return record


def _show(result: SearchResult) -> None:
    from searchapp.text.languages import english_name

    spans = ", ".join(f"{english_name(span.language)}: {span.text.strip()}" for span in result.spans)
    say(
        "[dim]{spans} · {r.mode} · {ms:.1f} ms · {r.collection}[/]\n", spans=spans, r=result, ms=result.timings["total"]
    )
    if result.nothing_relevant:
        say("[yellow]Nothing relevant found.[/] The nearest passages are:\n")
    for hit in result.hits:
        title = " [bold]{h.title}[/]" if hit.title else ""
        say("[bold cyan]{h.rank:>2}[/] [reverse] {h.language} [/]" + title + " [dim]{h.score:.4f}[/]", h=hit)
        console.print(_excerpt(hit, result.spans), highlight=False)
    if not result.hits:
        say("[yellow]No passage matches.[/] Try fewer filters, or --mode hybrid.\n")
    for step in result.steps:
        say(
            "[bold]{s.name}[/] moved {moved} passages; relevance given up: {s.relevance_lost:.1%}. Before it: {before}",
            s=step,
            moved=len(step.moves),
            before=_before(step),
        )
    _show_report(result.report)
    if result.unmatched:
        say(
            "[dim]No word of the query matched in {codes}: found by meaning alone[/]", codes=", ".join(result.unmatched)
        )
    for note in result.notes:
        warn(note)


def _excerpt(hit: Hit, query: Sequence[LanguageSpan]) -> Text:
    """Return the best excerpt with the query's words in bold; plain if the terminal should not show colours."""
    from rich.text import Text

    from searchapp.text.snippets import snippet

    found = snippet(hit.text, query, hit.language)
    style = "" if console.no_color else "bold"
    pieces = [(" ".join(text.split("\n")), style if marked else "") for text, marked in found.pieces]
    before, after = "… " if found.start else "", " …" if found.end < len(hit.text) else ""
    return Text.assemble(f"   {before}", *pieces, f"{after}\n")


def _before(step: RankingStep) -> str:
    return ", ".join(f"{share.language} {share.count}" for share in step.before.shares if share.count) or "no hits"


def _show_report(report: LanguageReport) -> None:
    from rich.table import Table
    from rich.text import Text

    from searchapp.text.languages import english_name

    table = Table(title=f"Languages of the hits against the {report.baseline}", title_justify="left", box=None)
    for name in ("language", "hits", "share", "", "baseline", "lift (interval)", ""):
        number = name in ("hits", "share", "baseline", "lift (interval)")
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    styles = {"over": "red", "under": "blue", "unclear": "dim"}
    for share in report.shares:
        interval = share.lift_interval
        lift = (
            "" if share.lift is None or interval is None else f"{share.lift:.1f}× ({interval[0]:.1f}-{interval[1]:.1f})"
        )
        table.add_row(
            english_name(share.language),
            str(share.count),
            f"{share.share:.0%}",
            "█" * round(share.share * BAR),
            f"{share.baseline:.0%}",
            lift,
            Text(share.verdict, styles[share.verdict]),
        )
    console.print(table)
