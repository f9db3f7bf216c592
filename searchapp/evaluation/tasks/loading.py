"""Load a task by its name on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from searchapp.errors import ConfigurationError, InputError
from searchapp.evaluation.tasks.base import RetrievalTask

NAMES = {
    "xquad-r": "XQuAD-R (LAReQA): a folder with one JSON file per language; checked to be the published set",
    "mlqa-r": "MLQA-R (LAReQA): likewise",
    "lareqa": "your own set in LAReQA's layout; give its languages",
    "beir": "a BEIR folder: corpus.jsonl, queries.jsonl, qrels/",
    "miracl": "MIRACL, as published or from the Hub; give its languages",
    "mr-tydi": "Mr.TyDi, as published or from the Hub; give its languages",
    "bitext": "two line-aligned files; give the pair as the language, such as deu-eng",
    "qrels": "your own queries, qrels and perhaps corpus, in one folder",
}
"""Task -> the files it reads."""

PLACES = (Path("data"), Path("../shared/data"))
"""Folders in which a task's data is looked for, under the task's name."""

_SPLIT = {"miracl": "dev", "mr-tydi": "test"}


def load_task(
    name: str,
    data: Path | None = None,
    *,
    languages: Sequence[str] = (),
    split: str | None = None,
    places: Sequence[Path] = PLACES,
) -> RetrievalTask:
    """Read a task.

    Args:
        name: A name in `NAMES`.
        data: Folder of its files; default: `<name>` in one of `places`, and for MIRACL and Mr.TyDi the Hub.
        languages: BCP 47 primary subtags, for tasks that need or allow a choice.
        split: Split of BEIR, MIRACL and Mr.TyDi.
        places: Folders to look in without `data`.

    Raises:
        ConfigurationError: The task is unknown, or a required option is missing.
        InputError: Its files are missing or damaged.
    """
    if name not in NAMES:
        raise ConfigurationError(f"unknown task {name!r}; choose from {', '.join(NAMES)}")
    if name in _SPLIT:
        from searchapp.evaluation.tasks.miracl import fetch, load_miracl, load_mr_tydi

        if not languages:
            raise ConfigurationError(f"{name} needs the languages to evaluate, such as --language sw --language th")
        part = split or _SPLIT[name]
        roots = [data] if data is not None else fetch(name, languages=languages, split=part)
        load = load_miracl if name == "miracl" else load_mr_tydi
        return load(roots, languages=languages, split=part)
    folder = data or _find(name, places)
    if not folder.is_dir():
        raise InputError(f"there is no such folder; {name} reads {NAMES[name]}", path=folder)
    return _load(name, folder, languages=languages, split=split)


def _load(name: str, folder: Path, *, languages: Sequence[str], split: str | None) -> RetrievalTask:
    if name == "xquad-r":
        from searchapp.evaluation.tasks.xquad_r import load_xquad_r

        return load_xquad_r(folder)
    if name == "mlqa-r":
        from searchapp.evaluation.tasks.mlqa_r import load_mlqa_r

        return load_mlqa_r(folder)
    if name == "lareqa":
        from searchapp.evaluation.tasks.lareqa import load_lareqa

        codes = languages or sorted(path.stem for path in folder.glob("*.json"))
        return load_lareqa(folder, name=folder.name, languages=codes)
    if name == "beir":
        from searchapp.evaluation.tasks.beir import load_beir

        return load_beir(folder, split=split, **({"language": languages[0]} if len(languages) == 1 else {}))
    if name == "bitext":
        from searchapp.evaluation.tasks.bitext import load_bitext

        if len(languages) != 1:
            raise ConfigurationError("bitext needs one pair as its files are named, such as --language deu-eng")
        return load_bitext(folder, pair=languages[0])
    from searchapp.evaluation.tasks.qrels import load_qrels_task

    return load_qrels_task(folder)


def _find(name: str, places: Sequence[Path]) -> Path:
    for place in places:
        if (place / name).is_dir():
            return place / name
    looked = ", ".join(str(place / name) for place in places)
    raise InputError(f"no data for {name}: looked in {looked}. Give its folder with --data ({NAMES[name]})")
