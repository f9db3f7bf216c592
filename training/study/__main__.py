"""Run the study: `python -m training.study --data ../shared/data --out runs/study`. The same command resumes it."""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_type_hints

import torch
from tokenizers import Tokenizer

from searchapp.errors import ConfigurationError, SearchAppError
from searchapp.evaluation.tasks.xquad_r import load_xquad_r
from searchapp.files.json_file import read_json, write_json
from searchapp.files.replacing import replaced
from training.study.data import prepare, study_tokenizer
from training.study.encoder import TokenCache
from training.study.fitting import save_start, warm_start
from training.study.report import write_report
from training.study.runs import Bench, plan
from training.study.settings import Settings

logger = logging.getLogger(__name__)


def main() -> None:
    """Prepare the data, do the missing runs, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of translations.parquet, qa.parquet, xquad-r/")
    parser.add_argument("--out", type=Path, required=True, help="run directory; an unfinished study in it resumes")
    parser.add_argument("--threads", type=int, default=1, help="of torch")
    parser.add_argument("--report", type=Path, help="folder for study.md and its plots; default: OUT")
    parser.add_argument("--only-report", action="store_true", help="write the report of the runs there are")
    kinds = get_type_hints(Settings)
    for entry in fields(Settings):
        several = kinds[entry.name] not in (int, float)
        kind = float if "float" in str(entry.type) else int
        name = "--" + entry.name.replace("_", "-")
        parser.add_argument(name, type=kind, nargs="+" if several else None, default=entry.default)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logger.setLevel(logging.INFO)
    chosen: dict[str, Any] = {entry.name: getattr(arguments, entry.name) for entry in fields(Settings)}
    chosen = {name: tuple(value) if isinstance(value, list) else value for name, value in chosen.items()}
    settings = Settings(**chosen)
    torch.set_num_threads(arguments.threads)
    try:
        if not arguments.only_report:
            study(settings, arguments.data, arguments.out)
        write_report(arguments.out, arguments.report or arguments.out)
    except SearchAppError as error:
        raise SystemExit(f"error: {error}") from error


def study(settings: Settings, data: Path, out: Path) -> None:
    """Train what is missing: the tokenizer, the warm starts and the runs.

    Args:
        settings: Settings of the study; they must be those of the folder's earlier runs.
        data: Folder with the shared rows and XQuAD-R.
        out: Folder of the study; what it already holds is not repeated.
    """
    (out / "runs").mkdir(parents=True, exist_ok=True)
    _same_settings(settings, out / "settings.json")
    content = prepare(settings, data)
    (out / "content.json").write_text(
        json.dumps(
            {
                "dropped": content.dropped,
                "parallel groups": len(content.groups.names),
                "held-out groups": len(content.development.queries) // len(content.development.query_languages),
                "warm start": {key: len(rows) for key, rows in content.start.items()},
            },
            indent=1,
        ),
        encoding="utf-8",
    )
    tokenizer = _tokenizer(out / "tokenizer.json", settings, content)
    for dimension in settings.dimensions:
        folder = out / f"start-{dimension}"
        if not folder.exists():
            save_start(warm_start(settings, content, tokenizer, dimension=dimension), folder)
            logger.info("warm start of %d dimensions done", dimension)
    bench = Bench(
        settings=settings,
        content=content,
        task=load_xquad_r(data / "xquad-r"),
        cache=TokenCache(tokenizer),
        folder=out,
    )
    runs = plan(settings)
    for number, run in enumerate(runs, start=1):
        result = bench.execute(run)
        quality = " ".join(f"{setting} {result['xquad_r'][setting]['mean']:.4f}" for setting in ("Mo", "Cr", "Mul"))
        logger.info("%d/%d %s: %s, %.0f s", number, len(runs), run.name, quality, result["seconds"])


def _same_settings(settings: Settings, path: Path) -> None:
    """Reject other settings, because runs of different settings must not share a report."""
    now = json.loads(json.dumps(asdict(settings)))
    growing = {"seeds", "alphas", "dimensions"}
    if path.exists():
        before = read_json(path)
        if changed := sorted(key for key in now if key not in growing and before.get(key) != now[key]):
            raise ConfigurationError(f"{path} has other {', '.join(changed)}; give another --out, or these settings")
    write_json(path, now)


def _tokenizer(path: Path, settings: Settings, content: object) -> Tokenizer:
    if not path.exists():
        with replaced(path) as part:
            study_tokenizer(settings, content).save(str(part))  # type: ignore[arg-type]
    return Tokenizer.from_file(str(path))


if __name__ == "__main__":
    main()
