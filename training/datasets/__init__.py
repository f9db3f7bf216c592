"""Read training rows from the usual formats into a `DatasetDict` of `mono/de`, `cross/de-fr`, `simcse/de`."""

from training.columns import METADATA, dataset_key, kind_of
from training.datasets.assembling import assemble, hold_out
from training.datasets.guard import Overlap, OverlapGuard
from training.datasets.opening import read_rows

__all__ = [
    "METADATA",
    "Overlap",
    "OverlapGuard",
    "assemble",
    "dataset_key",
    "hold_out",
    "kind_of",
    "read_rows",
]
