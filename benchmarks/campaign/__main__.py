"""Attack the data: `python -m benchmarks.campaign --seed 1 [--parts kills files calls threads] [--json]`.

- kills: SIGKILL before a random file operation of a build, a build that prunes, a rollback, a debias fit, or a deletion of
  a version or a collection, while a reader searches continuously; then everything on disk is checked.
- files: damaged files of every format are read (`benchmarks.campaign.files`).
- threads: many threads search while the collection is rebuilt repeatedly.
- calls: hostile arguments for the client's methods, and hostile documents; only this software's errors may result.

The exit status is 1 if anything was lost, duplicated, orphaned, or failed with an error that is not ours. A run takes minutes
and is not part of the gate; docs/security.md contains the figures of one run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.campaign.calls import attack_calls
from benchmarks.campaign.files import attack_with_files
from benchmarks.campaign.kills import attack_with_kills
from benchmarks.campaign.outcome import Outcome
from benchmarks.campaign.threads import attack_with_threads

PARTS = ("kills", "files", "calls", "threads")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=32)
    parser.add_argument("--queries", type=int, default=1000, help="of each thread")
    parser.add_argument("--rebuilds", type=int, default=20)
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    parts: dict[str, Callable[[Path], Outcome]] = {
        "kills": lambda home: attack_with_kills(home, seed=asked.seed, kills=asked.kills),
        "files": lambda home: attack_with_files(seed=asked.seed, files=asked.files),
        "threads": lambda home: attack_with_threads(
            home, seed=asked.seed, threads=asked.threads, queries=asked.queries, rebuilds=asked.rebuilds
        ),
        "calls": lambda home: attack_calls(home, seed=asked.seed, calls=asked.calls),
    }
    found: dict[str, Outcome] = {}
    for name in asked.parts:
        begun = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
            found[name] = parts[name](Path(folder) / "home")
        found[name].count("seconds", round(time.perf_counter() - begun))
        if not asked.json:
            print(f"{name}: {found[name].line()}", flush=True)
    if asked.json:
        record = {name: {"figures": outcome.figures, "faults": outcome.faults} for name, outcome in found.items()}
        print(json.dumps(record, indent=2))
    else:
        print(f"seed {asked.seed}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}")
    sys.exit(1 if any(outcome.faults for outcome in found.values()) else 0)


if __name__ == "__main__":
    main()
