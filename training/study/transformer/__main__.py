"""Run the transformer study: `python -m training.study.transformer`. The same command resumes it."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from pathlib import Path

import torch

from searchapp.errors import SearchAppError
from training.study.transformer.settings import Settings


def main() -> None:
    """Prepare missing data, do the missing runs, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the shared files; needed until OUT/prepared.npz is there")
    parser.add_argument("--base", type=Path, help="folder of the base model; needed until OUT/prepared.npz is there")
    parser.add_argument("--out", type=Path, required=True, help="folder of the study; an unfinished one in it resumes")
    parser.add_argument("--prepared", type=Path, help="prepared file of another place; default: OUT/prepared.npz")
    parser.add_argument("--report", type=Path, help="folder of tables and figure; default: OUT")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cuda", "cpu"))
    parser.add_argument("--steps", type=int, help="fewer steps, for a trial")
    parser.add_argument("--layers", type=int, nargs="+", help="sizes; default: 3 6 12")
    parser.add_argument("--only", choices=("prepare", "runs", "report"), help="do only this part")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("training.study").setLevel(logging.INFO)
    prepared = arguments.prepared or arguments.out / "prepared.npz"
    try:
        if arguments.only in (None, "prepare") and not prepared.exists():
            _prepare(arguments, prepared)
        if arguments.only in (None, "runs"):
            from training.study.transformer.runs import Study

            Study(prepared, arguments.out, device=arguments.device, steps=arguments.steps).execute()
        if arguments.only in (None, "report"):
            from training.study.transformer.report import write_report

            write_report(arguments.out, arguments.report or arguments.out)
    except SearchAppError as error:
        raise SystemExit(f"error: {error}") from error


def _prepare(arguments: argparse.Namespace, prepared: Path) -> None:
    from training.study.transformer.preparing import prepare

    if arguments.data is None or arguments.base is None:
        raise SystemExit(f"error: there is no {prepared}: give --data and --base to make it")
    settings = Settings()
    if arguments.layers:
        layers = tuple(arguments.layers)
        settings = replace(settings, layers=layers, middle=sorted(layers)[len(layers) // 2])
    prepare(settings, arguments.data, arguments.base, prepared)


if __name__ == "__main__":
    main()
