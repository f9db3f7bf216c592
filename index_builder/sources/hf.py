"""Read Hugging Face `datasets` by Hub name or local path."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index_builder.sources.base import ReadOptions, RowSource
from searchapp.errors import InputError, MissingExtraError


class HubSource(RowSource):
    """The rows of one split: `NAME`, `NAME:SPLIT` or `NAME/CONFIG:SPLIT` on the Hub, or a `save_to_disk` folder.

    A name with two slashes is `owner/name/config`. The default split is `train`, or the only one there is.
    """

    def __init__(self, name: str, options: ReadOptions | None = None) -> None:
        place, _, split = name.partition(":")
        super().__init__(Path(place), options)
        self._place, self._split = place, split or "train"
        self._loaded: Any = None

    def digest(self) -> str:
        """Hash the dataset's own fingerprint, which changes with its content."""
        return hashlib.blake2b(str(self._dataset()._fingerprint).encode(), digest_size=16).hexdigest()

    def rows(self) -> Iterator[tuple[int, object, float]]:
        """Read the rows.

        Yields:
            The 1-based row, its values by column name, and the share of the dataset read so far.
        """
        dataset = self._dataset()
        total = max(1, len(dataset))
        for line, row in enumerate(dataset, start=1):
            yield line, row, line / total

    def _dataset(self) -> Any:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded

    def _load(self) -> Any:
        try:
            import datasets
        except ImportError as error:
            raise MissingExtraError(feature="reading Hugging Face datasets", extra="train") from error
        try:
            if Path(self._place).exists():
                loaded = _local(datasets, Path(self._place))
            else:
                parts = self._place.split("/")
                config = parts.pop() if len(parts) > 2 else None
                loaded = datasets.load_dataset("/".join(parts), config)
        except Exception as error:  # the Hub's client raises a dozen kinds of errors
            raise InputError(
                f"this dataset cannot be loaded ({type(error).__name__}: {error}); check the name, the network and "
                "HF_TOKEN, or give the path of a folder written by save_to_disk",
                path=self._place,
            ) from error
        if not isinstance(loaded, datasets.DatasetDict):
            return loaded
        if self._split not in loaded and len(loaded) == 1:
            return next(iter(loaded.values()))
        if self._split not in loaded:
            raise InputError(
                f"no split {self._split!r}; it has {', '.join(loaded)}: name one as NAME:SPLIT", path=self._place
            )
        return loaded[self._split]


def _local(datasets: Any, path: Path) -> Any:
    if path.is_dir() and ((path / "dataset_dict.json").exists() or (path / "dataset_info.json").exists()):
        return datasets.load_from_disk(str(path))
    return datasets.load_dataset(str(path))
