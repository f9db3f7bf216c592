"""Load an encoder by its name on the command line or in a manifest."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from searchapp.encoders.base import Encoder
from searchapp.errors import ConfigurationError, EncoderError, UnsupportedModelError, shown

BACKENDS = ("auto", "onnx", "torch", "openvino")
STATIC_FILES = ("vectors.npy", "scales.npy")
MODEL_FILES = ("modules.json", "config.json")


LONGEST_NAME = 1_000
"""Maximum length of an encoder's name in characters; longer paths are refused by most file systems."""

_HUB_NAME = re.compile(r"(?!.*(?:--|\.\.))(?=.{1,96}$)(?:\w(?:[\w.-]*\w)?/)?\w(?:[\w.-]*\w)?", re.ASCII)


def load_encoder(
    name: str,
    *,
    revision: str | None = None,
    backend: str = "auto",
    trust_remote_code: bool = False,
    device: str | None = None,
    threads: int | None = None,
    fingerprint: str | None = None,
) -> Encoder:
    """Load an encoder by name.

    Args:
        name: `builtin`, the multilingual transformer in the package; `static`, the faster and simpler encoder in the package;
            `fake` (for tests); a folder with a static encoder or a sentence-transformers model, possibly one level down;
            a name on the Hugging Face Hub; or `openai:http://host:port/v1#model` for an OpenAI-compatible endpoint, whose key
            is read from `SEARCHAPP_ENCODER_KEY`.
        revision: Branch, tag or commit of a Hub model.
        backend: Runtime of a sentence-transformers model: `onnx` (no torch needed), `torch` or `openvino`. `auto` is `onnx`
            if the model has an ONNX file and needs nothing else, else `torch`.
        trust_remote_code: Allow a Hub model to run code from its own repository.
        device: Device such as `cpu` or `cuda:0`; None lets torch choose.
        threads: Processor threads of ONNX Runtime; None for all available to the process.
        fingerprint: Fingerprint of the encoder that a collection was built with; selects among versions of shipped encoders.

    Raises:
        EncoderError: No encoder can be loaded by this name; the message says what to do.
        MissingExtraError: The encoder needs an extra that is not installed.
        ConfigurationError: The backend is unknown.
    """
    if backend not in BACKENDS:
        raise ConfigurationError(f"unknown backend {backend!r}; expected one of {', '.join(BACKENDS)}")
    if name in ("builtin", "static"):
        from searchapp.encoders.shipped import load_shipped

        return load_shipped(name, fingerprint=fingerprint, threads=threads)
    if name == "fake":
        from searchapp.encoders.fake import HashingEncoder

        return HashingEncoder()
    if name.startswith("openai:"):
        from searchapp.encoders.remote import RemoteEncoder

        return RemoteEncoder.load(name)
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise EncoderError(
            f"encoder {shown(name)}: expected a name or folder of up to {LONGEST_NAME:,} printable characters"
        )
    folder = find_model_folder(name)
    if folder is None and not _HUB_NAME.fullmatch(name):
        raise EncoderError(
            f"encoder {shown(name)}: no such folder, and no Hub name, which is org/model in letters, digits, - _ and ."
        )
    if folder is not None and _is_static(folder):
        from searchapp.encoders.static import StaticEncoder

        return StaticEncoder.load(folder, name=name)

    if backend in ("auto", "onnx"):
        found = _open_onnx(name, folder, revision=revision, threads=threads, required=backend == "onnx")
        if found is not None:
            return found

    from searchapp.encoders.transformer import TransformerEncoder

    return TransformerEncoder.load(
        name,
        folder=folder,
        revision=revision,
        backend="torch" if backend == "auto" else backend,
        trust_remote_code=trust_remote_code,
        device=device,
    )


def _open_onnx(
    name: str, folder: Path | None, *, revision: str | None, threads: int | None, required: bool
) -> Encoder | None:
    """Open the model's ONNX file. Unless it is required, give None for a model that only torch can run."""
    from searchapp.encoders.onnx.opening import open_onnx

    try:
        found = open_onnx(name, folder=folder, revision=revision, threads=threads)
    except UnsupportedModelError:
        if required or not find_spec("sentence_transformers"):
            raise
        return None  # torch supports what the error message names
    if found is None and required:
        raise EncoderError(f"{name} has no ONNX file; export one: searchapp encoder export {name} FOLDER")
    return found


def find_model_folder(name: str) -> Path | None:
    """Find the model in a folder: the folder itself, or its only subfolder that contains a model.

    Args:
        name: Path of a folder (`~` is expanded), or a name on the Hub.

    Returns:
        The model's folder; None if no such folder exists, so that the name must be one on the Hub.

    Raises:
        EncoderError: The folder contains no model, or the name is a file or a path that does not exist.
    """
    path = Path(name).expanduser()
    if path.is_file():
        raise EncoderError(f"{name} is a file; expected the folder of a model")
    blank = not name.strip()  # Path("") would be the working directory
    if blank or not path.is_dir():
        if blank or name.startswith((".", "/", "~")) or name.count("/") > 1:
            raise EncoderError(
                f"there is no folder {name!r}; give a model's folder, a Hub name such as org/model, 'builtin' or 'static'"
            )
        return None
    if _holds_model(path):
        return path
    inner = [child for child in sorted(path.iterdir()) if child.is_dir() and _holds_model(child)]
    if len(inner) == 1:
        return inner[0]
    found = f"{len(inner)} models in its folders" if inner else "no model"
    raise EncoderError(f"{name} contains {found}; expected {' or '.join(MODEL_FILES)}, or {' and '.join(STATIC_FILES)}")


def _holds_model(folder: Path) -> bool:
    return _is_static(folder) or any((folder / file).is_file() for file in MODEL_FILES)


def _is_static(folder: Path) -> bool:
    return all((folder / file).is_file() for file in STATIC_FILES)
