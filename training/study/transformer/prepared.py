"""Read the prepared file with NumPy only, so that runs need no other packages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.bases.blocks import BLOCK, unpack_blocks


def load_prepared(path: Path) -> dict[str, NDArray[Any]]:
    """Read a prepared file and unpack its weights.

    Args:
        path: File that `training.study.transformer.preparing` wrote.
    """
    with np.load(path) as file:
        arrays = dict(file)
    arrays["words"] = unpack_blocks(arrays["words"], columns=int(arrays["hidden"]))
    layers = len(arrays["vectors"])
    arrays["matrices"] = unpack_blocks(arrays["matrices"], columns=BLOCK).reshape(layers, -1)
    for name in [name for name in arrays if name.startswith("schedule/")]:
        rows = arrays[f"rows/{name.rpartition('/')[2]}"]
        arrays[name] = rows[arrays[name]]
    return arrays
