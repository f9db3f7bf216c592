"""Train the shipped static encoder: `python -m training.static --data ../shared/data --out runs/static`."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from training.static.config import Recipe
from training.static.export import export
from training.static.refine import even_out
from training.static.train import prepare, train

RECIPE = Path(__file__).parent / "recipe.toml"


def main() -> None:
    """Parse arguments, train, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=RECIPE)
    parser.add_argument("--data", type=Path, required=True, help="folder of translations, qa and lexicon .parquet")
    parser.add_argument("--out", type=Path, required=True, help="run directory; the encoder goes to OUT/encoder")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    recipe = Recipe.load(arguments.config)
    arguments.out.mkdir(parents=True, exist_ok=True)
    tokenizer, sounds, corpus = prepare(recipe, arguments.data, arguments.out)
    tokens = tokenizer.get_vocab_size() + sounds.prefixes + sounds.consonants
    model = train(recipe, corpus, vocabulary=tokens, log=arguments.out / "metrics.jsonl")
    vectors = even_out(model.folded(), power=recipe.length_power)
    export(vectors, tokenizer, sounds, arguments.out / "encoder", context_weight=recipe.shipped_context_weight)


if __name__ == "__main__":
    main()
