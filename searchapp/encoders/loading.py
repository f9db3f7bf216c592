"""From a name on the command line or in a manifest to an encoder."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from searchapp.encoders.base import Encoder
from searchapp.errors import ConfigurationError, EncoderError, UnsupportedModelError

BACKENDS = ("auto", "onnx", "torch", "openvino")
STATIC_FILES = ("vectors.npy", "scales.npy")
MODEL_FILES = ("modules.json", "config.json")


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
        name: `builtin`, the multilingual transformer that comes with the package; `static`, the faster and simpler one that
            does, too; `fake` (for tests); a folder that holds a static encoder or a sentence-transformers model, or a
            package folder with such a folder in it; or a name on the Hugging Face Hub.
        revision: Branch, tag or commit of a Hub model.
        backend: What runs a sentence-transformers model: `onnx` (no torch needed), `torch` or `openvino`; `auto` is `onnx`
            where the model has such a file and needs nothing else, else `torch`.
        trust_remote_code: Let a Hub model run code from its own repository.
        device: Such as `cpu` or `cuda:0`; None lets torch choose.
        threads: Processor threads that ONNX Runtime uses; None for all that this process may use.
        fingerprint: Of the encoder that a collection was built with; tells the shipped encoders of several versions apart.

    Raises:
        EncoderError: Nothing can be loaded by this name; the message says what to do.
        MissingExtraError: The encoder needs an extra that is not installed.
        ConfigurationError: There is no such backend.
    """
    if backend not in BACKENDS:
        raise ConfigurationError(f"unknown backend {backend!r}; expected one of {', '.join(BACKENDS)}")
    if name in ("builtin", "static"):
        from searchapp.encoders.shipped import load_shipped

        return load_shipped(name, fingerprint=fingerprint, threads=threads)
    if name == "fake":
        from searchapp.encoders.fake import HashingEncoder

        return HashingEncoder()
    folder = find_model_folder(name)
    if folder is not None and _is_static(folder):
        from searchapp.encoders.static import StaticEncoder

        return StaticEncoder.load(folder, name=name)

    if backend in ("auto", "onnx"):
        from searchapp.encoders.onnx.opening import open_onnx

        try:
            found = open_onnx(name, folder=folder, revision=revision, threads=threads)
        except UnsupportedModelError:
            if backend == "onnx" or not find_spec("sentence_transformers"):
                raise
            found = None  # torch can do what the message says
        if found is not None:
            return found
        if backend == "onnx":
            raise EncoderError(f"{name} has no ONNX file; export one: searchapp encoder export {name} FOLDER")

    from searchapp.encoders.transformer import TransformerEncoder

    return TransformerEncoder.load(
        name,
        folder=folder,
        revision=revision,
        backend="torch" if backend == "auto" else backend,
        trust_remote_code=trust_remote_code,
        device=device,
    )


def find_model_folder(name: str) -> Path | None:
    """Locate the model in a folder: the folder itself, or the one folder in it that holds a model.

    Returns:
        None when no folder has this name: it is a name on the Hub then.

    Raises:
        EncoderError: There is such a folder (or file), or the name can only be a path, and no model is there.
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
    raise EncoderError(f"{name} holds {found}; expected {' or '.join(MODEL_FILES)}, or {' and '.join(STATIC_FILES)}")


def _holds_model(folder: Path) -> bool:
    return _is_static(folder) or any((folder / file).is_file() for file in MODEL_FILES)


def _is_static(folder: Path) -> bool:
    return all((folder / file).is_file() for file in STATIC_FILES)
