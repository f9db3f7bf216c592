"""Load an encoder from the ONNX file of a folder or a Hub model."""

from __future__ import annotations

from pathlib import Path

from searchapp.encoders.hub import probe_hub
from searchapp.encoders.onnx.encoder import OnnxEncoder
from searchapp.encoders.onnx.files import download, onnx_in


def open_onnx(
    name: str, *, folder: Path | None = None, revision: str | None = None, threads: int | None = None
) -> OnnxEncoder | None:
    """Load a model's ONNX file. Only the needed files are downloaded; without a connection the cache is used.

    Args:
        name: A folder or a Hub name.
        folder: The model's folder if it is not `name` itself; None for a Hub name.
        revision: Branch, tag or commit on the Hub.
        threads: Processor threads; None for all available to the process.

    Returns:
        The encoder; None if the model has no ONNX file.

    Raises:
        EncoderError: The model does not exist or is damaged.
    """
    if folder is None:
        folder = download(name, revision=revision, offline=probe_hub(name, revision=revision) is not None)
    if folder is None or onnx_in(folder) is None:
        return None
    return OnnxEncoder.load(folder, name=name, threads=threads)
