"""From a folder or a Hub name to an encoder, where there is an ONNX file."""

from __future__ import annotations

from pathlib import Path

from searchapp.encoders.hub import probe_hub
from searchapp.encoders.onnx.encoder import OnnxEncoder
from searchapp.encoders.onnx.files import download, onnx_in


def open_onnx(
    name: str, *, folder: Path | None = None, revision: str | None = None, threads: int | None = None
) -> OnnxEncoder | None:
    """Load a model's ONNX file; from the Hub, only what is needed is fetched, and without a connection the cache is used.

    Args:
        name: A folder or a Hub name.
        folder: Where the model lies, when that is not `name` itself; None for a Hub name.
        revision: Branch, tag or commit on the Hub.
        threads: Processor threads; None for all that this process may use.

    Returns:
        None when the model has no ONNX file.

    Raises:
        EncoderError: There is no such model, or it is damaged.
    """
    if folder is None:
        folder = download(name, revision=revision, offline=probe_hub(name, revision=revision) is not None)
    if folder is None or onnx_in(folder) is None:
        return None
    return OnnxEncoder.load(folder, name=name, threads=threads)
