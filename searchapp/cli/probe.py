"""Compare what a question finds in other languages: `searchapp probe`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from searchapp.cli.ranking import Rank, read_ranking
from searchapp.cli.search import ModeName, as_json
from searchapp.errors import InputError

if TYPE_CHECKING:
    from searchapp.search.probe import ProbeResult
    from searchapp.text.lexicon import LexiconTranslator

SHOWN = 5
"""Maximum number of missed passages to show."""


def probe(
    query: Annotated[str, typer.Argument(help="The question, as asked.")],
    translation: Annotated[
        list[str] | None, typer.Option("--translation", "-t", help="LANGUAGE=TEXT: the question in it; repeatable.")
    ] = None,
    lexicon: Annotated[
        Path | None, typer.Option(help="Lexicon (synset, lang, lemma; Parquet or TSV) to translate word by word.")
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="Language to translate into; repeatable; default: all of the collection's."),
    ] = None,
    collection: Collection = None,
    limit: Annotated[int, typer.Option("--limit", "-k", help="Number of hits to compare.")] = 10,
    mode: Annotated[ModeName, typer.Option(help="Embeddings, BM25, or both fused.")] = ModeName.hybrid,
    rank: Rank = None,
    home: Home = None,
    url: Url = None,
    trust_remote_code: TrustRemoteCode = False,
    json: AsJson = False,
) -> None:
    """Ask a question in other languages as well and compare the results. Without language bias they would agree.

    Translations are given, made word by word from a lexicon, or else written by the language model of the settings.

    Examples:

        searchapp probe "how do vaccines work" -t "de=wie wirken Impfungen" -t "es=cómo funcionan las vacunas"

        searchapp probe "coffee from Ethiopia" --lexicon ../shared/data/lexicon.parquet --target de --target ja
    """
    given = _given(translation or [])
    with open_client(collection, home, url, trust_remote_code=trust_remote_code) as client:
        translator = None if lexicon is None else _translator(lexicon)
        result = client.probe(
            query,
            given or None,
            limit=limit,
            mode=mode.value,
            ranking=read_ranking(rank),
            translator=translator,
            targets=target or None,
        )
    if json:
        print_json(_as_json(result))
    else:
        _show(result)


def _given(translations: list[str]) -> dict[str, str]:
    given = {}
    for item in translations:
        language, sign, text = item.partition("=")
        if not sign or not language.strip():
            raise InputError(f"--translation {item!r}: expected LANGUAGE=TEXT, such as 'de=wie geht das'")
        given[language.strip()] = text
    return given


def _translator(path: Path) -> LexiconTranslator:
    from searchapp.text.lexicon import Lexicon, LexiconTranslator

    return LexiconTranslator(Lexicon.read(path))


def _as_json(result: ProbeResult) -> dict[str, Any]:
    return {
        "overlap": result.overlap,
        "group_overlap": result.group_overlap,
        "groups": result.groups,
        "original": as_json(result.original),
        "variants": [
            {
                "language": variant.language,
                "query": variant.query,
                "overlap": variant.overlap,
                "group_overlap": variant.group_overlap,
                "rank_correlation": variant.rank_correlation,
                "missed": [hit.id for hit in variant.missed],
                "result": as_json(variant.result),
            }
            for variant in result.variants
        ],
        "missed": [hit.to_dict() for hit in result.missed],
        "notes": list(result.notes),
    }


def _show(result: ProbeResult) -> None:
    from rich.table import Table

    from searchapp.text.languages import english_name

    table = Table(title="The same question in other languages", title_justify="left", box=None)
    for name in ("language", "query", "same passages", f"same {result.groups}", "rank correlation", "own language"):
        table.add_column(name, justify="left" if name in ("language", "query") else "right")
    for variant in result.variants:
        correlation = "–" if variant.rank_correlation is None else f"{variant.rank_correlation:+.2f}"
        own = sum(hit.language == variant.language for hit in variant.result.hits)
        table.add_row(
            english_name(variant.language),
            variant.query,
            f"{variant.overlap:.0%}",
            f"{variant.group_overlap:.0%}",
            correlation,
            f"{own} of {len(variant.result.hits)}",
        )
    asked = sum(hit.language in result.original.languages for hit in result.original.hits)
    console.print(table)
    console.print(
        f"\nAsked as it was, {asked} of {len(result.original.hits)} hits are in the question's own language. Without "
        "language bias all answers would be the same.",
        highlight=False,
    )
    if result.missed:
        console.print(f"\nWhat you would have seen ({len(result.missed)} passages that the answer lacks):")
        for hit in result.missed[:SHOWN]:
            text = " ".join((hit.title or hit.text).split())[:100]
            say("   [reverse] {language} [/] {text}", language=hit.language, text=text, highlight=False)
    for note in result.notes:
        warn(note)
