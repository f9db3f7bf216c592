"""Train without the command line's extras, for torchrun: `torchrun --nproc-per-node 2 -m training --config recipe.toml`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from searchapp.errors import SearchAppError
from training.config import TrainingConfig
from training.trainer.training import prepare, train


def main() -> None:
    """Parse arguments and train. Every process of a distributed run does the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="run directory; default: the configuration's")
    parser.add_argument("--restart", action="store_true", help="remove an earlier run there first")
    arguments = parser.parse_args()
    first = os.environ.get("RANK", "0") == "0"
    logging.basicConfig(level=logging.INFO if first else logging.ERROR, format="%(asctime)s %(name)s: %(message)s")
    try:
        config = TrainingConfig.load(arguments.config)
        out = arguments.out or Path(config.out)
        prepared = prepare(config, run=None if arguments.restart else out)
        report = train(prepared, out, restart=arguments.restart)
    except SearchAppError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    if first:
        sys.stdout.write(f"{report.model}\n")


if __name__ == "__main__":
    main()
