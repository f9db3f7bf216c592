"""Compute what the bias lab shows: evaluations of a collection and ranks of passages with the same content."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from searchapp.client import SearchClient
from searchapp.datatypes import Hit, Progress, Tell
from searchapp.errors import InputError
from searchapp.evaluation.results import RESULTS_FILE, Results
from searchapp.search.arguments import MAX_LIMIT
from ui.state import Settings

DEMO = "demo"
MOST = 20 * 2**20
"""Maximum size of a result file in bytes."""
MOST_VARIANTS = 20
"""Maximum number of translations per probe."""
_CODE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*")
TASKS = ("xquad-r", "mlqa-r")
"""Tasks to look for, by folder name, in the allowed folders."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A passage among its translations; `rank` is None below the examined ranks."""

    language: str
    title: str
    text: str
    rank: int | None


def tasks(folders: Sequence[Path]) -> dict[str, Path]:
    """Find the available tasks with their folders: the demo's own and known ones in the allowed folders.

    Args:
        folders: Folders on the server whose tasks may be run; a task is a folder directly inside one of them.
    """
    from searchapp.demo import queries_path

    found = {DEMO: queries_path().parent}
    for folder in folders:
        for name in TASKS:
            path = folder.expanduser() / name
            if path.is_dir():
                found.setdefault(name, path)
    return found


def result_files(folders: Sequence[Path]) -> list[str]:
    """Find the `results.json` of evaluations in the allowed folders, at most two levels down.

    Args:
        folders: Folders on the server whose evaluations may be shown.
    """
    return sorted(
        str(path) for folder in folders for path in folder.expanduser().glob(f"**/{RESULTS_FILE}") if path.is_file()
    )[:200]


def read_results(path: Path) -> Results:
    """Read a result file.

    Args:
        path: The file, at most `MOST` bytes.

    Raises:
        InputError: The file is too large or does not hold results.
    """
    if path.stat().st_size > MOST:
        raise InputError(f"{path.name} is too large for the result of an evaluation ({path.stat().st_size:,} bytes)")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"not results of an evaluation ({error})", path=path.name) from error
    return Results.from_json(text, origin=path.name)


def evaluate(
    client: SearchClient, settings: Settings, *, task: str, folders: Mapping[str, Path], tell: Tell
) -> Results:
    """Search for every query of a task with the given settings and measure the rankings.

    Args:
        client: Client of the collection to measure.
        settings: Mode and ranking of the searches; the query in it is not used.
        task: Name of the task.
        folders: Folders of the available tasks by name.
        tell: Called with the progress.

    Raises:
        InputError: There is no such task, or its files cannot be read.
    """
    from searchapp.evaluation.served import Configured, evaluate_searcher
    from searchapp.evaluation.tasks.loading import load_task

    if task not in folders:
        raise InputError(f"there is no task {task!r} here; available: {', '.join(folders)}")
    tell(Progress("reading the queries"))
    loaded = load_task("qrels" if task == DEMO else task, folders[task])

    found = evaluate_searcher(
        loaded,
        Configured(client, settings.mode, settings.ranking),
        name=f"{client.collection} ({settings.to_query_string() or settings.mode})",
        limit=100,
        progress=tell,
    )
    return found.results


def read_translations(text: str) -> dict[str, str]:
    """Parse lines such as `de: the question`, one language each.

    Args:
        text: Lines with a BCP 47 code, a colon and the question; blank lines are skipped.

    Raises:
        InputError: A line has another form, or there are more than MOST_VARIANTS languages.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        code, sign, question = line.partition(":")
        if not sign or not _CODE.fullmatch(code.strip()) or not question.strip():
            raise InputError(
                f"line {number} of the translations is {line[:60]!r}, expected a code and a question: de: …"
            )
        found[code.strip()] = question.strip()
    if len(found) > MOST_VARIANTS:
        raise InputError(f"{len(found)} translations are given, at most {MOST_VARIANTS} are asked")
    return found


def standings(client: SearchClient, settings: Settings) -> tuple[list[Standing], int]:
    """Find the ranks of the best hit and its translations, and the number of examined places.

    Args:
        client: Client of the collection.
        settings: Query, mode and ranking of the search.

    Raises:
        InputError: Nothing was found.
    """
    ranked = client.search(settings.query, limit=MAX_LIMIT, mode=settings.mode, ranking=settings.ranking)
    if not ranked.hits:
        raise InputError("nothing was found; ask something else")
    best = ranked.hits[0]
    twins: Sequence[Hit] = client.translations_of(best.id)
    ranks = {hit.id: hit.rank for hit in ranked.hits}
    passages = {hit.id: hit for hit in (best, *twins)}.values()
    return [Standing(hit.language, hit.title, hit.text, ranks.get(hit.id)) for hit in passages], len(ranked.hits)
