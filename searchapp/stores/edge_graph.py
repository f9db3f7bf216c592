"""Build the graph of a shard in a process of its own.

The engine holds Python's interpreter lock while it builds a graph, for minutes with 100,000 points. In this process no other
thread would run, so a server would answer nobody, and Ctrl-C would wait.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import qdrant_edge as edge

from searchapp.stores.edge_errors import translated

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""


def can_build_apart() -> bool:
    """Return whether a process can be started that ends when this one is killed, which only Linux offers.

    A process that outlived its parent would write to the folder that a resumed build uses again.
    """
    return sys.platform == "linux" and bool(sys.executable)


def build_graph(path: Path) -> None:
    """Optimise a closed shard in another process, and wait for it.

    Args:
        path: Folder of the shard; nobody has it open.

    Raises:
        StoreError: The engine failed, or the process was killed.
    """
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
    command = [sys.executable, "-m", "searchapp.stores.edge_graph", str(path), str(os.getpid())]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace")  # noqa: S603
    if done.returncode:
        reason = done.stderr.strip().rpartition("\n")[2] or f"the process ended with {done.returncode}"
        raise translated(path, f"the graph could not be built: {reason}")


def main(path: str, parent: str) -> None:
    """Optimise a shard and close it; ends as soon as the parent does.

    Args:
        path: Folder of the shard.
        parent: Process id of the process that waits.
    """
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != int(parent):
        sys.exit("the process that asked for the graph is gone")
    shard = edge.EdgeShard.load(path)
    shard.optimize()
    shard.flush()
    shard.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
