"""Call the client's methods with hostile arguments: only results or this software's errors may come out."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.campaign.corpora import COLLECTION, build
from benchmarks.campaign.outcome import Outcome
from index_builder import BuildOptions, activate, build_index, clean, delete_version, discard_unfinished
from searchapp import Document, Ranking, SearchClient
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import SearchAppError
from searchapp.stores.edge_catalog import EdgeCatalog

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 5, 2**31, 2**63, 2**64, -(2**63) - 1, 10**30, 0.5, -0.0, 1e308, float("nan"), float("inf"),
    "", " ", "docs", "de", "dense", "a" * 20_000, "\x00", "\ud800", "\x1b[31m", "[/x]", "é" * 50, "a\u0301" * 500, "../..",
    "publish date", "metadata.x.y", "a[0]", "\u202e", b"bytes", [], ["de"], ["de", None], [5], [[["de"]]], (), ("x",), {},
    {"gte": 1}, {"gte": "x"}, {"gte": float("nan")}, {"gte": 2**70}, {"unknown": 1}, {"a": {"b": {"c": 1}}}, {5: 5},
    {None: 1}, {"publish date": "x"}, {"number": list(range(300))}, {"number": {"gte": 1, "lt": 9}}, {"": ""},
    set(), object(), Ranking(),
)  # fmt: skip
NO_PATHS = tuple(value for value in VALUES if not isinstance(value, str))
"""A text is a path, and some of these texts are folders that exist."""


def attack_calls(home: Path, *, seed: int, calls: int) -> Outcome:
    """Make the given number of calls with hostile arguments."""
    outcome, rng = Outcome(), random.Random(seed)
    build(home, "one")
    with SearchClient(COLLECTION, home=home, encoder=HashingEncoder()) as client:
        targets = _targets(client, home, rng)
        for _ in range(calls):
            name = rng.choice(list(targets))
            try:
                targets[name]()
                outcome.count("results")
            except SearchAppError:
                outcome.count("refused")
            except Exception as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{Path(place.filename).name}:{place.lineno}"
                outcome.fault("foreign errors", f"{name}: {type(error).__name__} at {where}: {str(error)[:100]}")
        if len(client.search("passage 130 subject 0", limit=5).hits) != 5:
            outcome.fault("damage", "a plain search no longer answers")
    return outcome


def _targets(client: SearchClient, home: Path, rng: random.Random) -> dict[str, Callable[[], object]]:
    """Return the calls, each with one or two hostile arguments."""
    catalog, work = EdgeCatalog(home), home / "builds"

    def any_of() -> Any:
        return rng.choice(VALUES)

    def searched() -> object:
        given: dict[str, Any] = {"limit": 3}
        for name in rng.sample(["limit", "offset", "languages", "filters", "mode", "ranking"], 2):
            given[name] = any_of()
        return client.search(any_of() if rng.random() < 0.3 else "passage 7", **given)

    def ranked() -> object:
        name = rng.choice([field.name for field in fields(Ranking)])
        return client.search("passage 7", ranking=Ranking(**{name: any_of()}))

    def optioned() -> object:
        name = rng.choice([field.name for field in fields(BuildOptions)])
        return BuildOptions(**{name: any_of()})

    def documented() -> object:
        name = rng.choice([field.name for field in fields(Document)])
        documents = [
            Document("good", "Assam grows tea."),
            Document(**{"id": "bad", "text": "Tea leaves.", name: any_of()}),
        ]
        return build_index(documents, "documents", encoder=HashingEncoder(), home=home)

    return {
        "Document": documented,
        "search": searched,
        "filters": lambda: client.search("passage 7", filters={str(any_of())[:60]: any_of()}),
        "Ranking": ranked,
        "search_batch": lambda: client.search_batch(any_of(), limit=3),
        "similar": lambda: client.similar(any_of(), limit=3),
        "translations_of": lambda: client.translations_of(any_of()),
        "probe": lambda: client.probe(any_of(), any_of(), limit=3),
        "BuildOptions": optioned,
        "build_index": lambda: build_index([], any_of(), encoder=HashingEncoder(), home=home),
        "build_index source": lambda: build_index(rng.choice(NO_PATHS), "other", encoder=HashingEncoder(), home=home),
        "activate": lambda: activate(catalog, any_of(), any_of(), work=work),
        "delete_version": lambda: delete_version(catalog, COLLECTION, any_of(), work=work),
        "discard_unfinished": lambda: discard_unfinished(catalog, work, any_of()),
        "clean": lambda: clean(catalog, any_of(), work=work),
        "SearchClient": lambda: SearchClient(any_of(), home=home, encoder=HashingEncoder()).close(),
    }
