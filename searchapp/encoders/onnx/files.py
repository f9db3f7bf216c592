"""Find the ONNX file of a model in a folder or in a Hub repository."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

from searchapp.encoders.onnx.configuration import EmbeddingConfiguration
from searchapp.errors import EncoderError

logger = logging.getLogger(__name__)

PREFERRED = (
    r"model\.onnx",
    r"onnx/model_int8\.onnx",
    r"(onnx/)?model_quantized\.onnx",
    r"onnx/model_uint8\.onnx",
    r"onnx/model\.onnx",
    r"(onnx/)?model_(qint8|quint8)_[a-z0-9_]+\.onnx",
    r"(onnx/)?[^/]+\.onnx",
)
"""Patterns of file names in order of preference. Small files search as well as large ones and are several times faster."""

CONFIGURATION = ("*.json", "*/config.json")
NEEDED = "tokenizer.json"


def onnx_file(names: Iterable[str]) -> str | None:
    """Choose the ONNX file to run.

    Args:
        names: Paths inside the folder or repository, with forward slashes.

    Returns:
        One of the names; None if there is no ONNX file.
    """
    there = sorted(names)
    for pattern in PREFERRED:
        for name in there:
            if re.fullmatch(pattern, name):
                return name
    return None


def onnx_in(folder: Path) -> Path | None:
    """Find the ONNX file to run in a folder or its subfolders; None if there is none.

    Args:
        folder: Folder of a model.
    """
    found = onnx_file(path.relative_to(folder).as_posix() for path in folder.glob("**/*.onnx"))
    return None if found is None else folder / found


def external_data(model: Path) -> list[Path]:
    """List the files next to an ONNX file that contain its weights, by the names that exporters use.

    Args:
        model: Path of the ONNX file.
    """
    return sorted(path for path in model.parent.glob(f"{model.name}*") if path != model and path.is_file())


def download(name: str, *, revision: str | None, offline: bool) -> Path | None:
    """Download a Hub repository's ONNX file, external data, tokenizer and configuration, and nothing else.

    Args:
        name: `owner/model`.
        revision: Branch, tag or commit; None for the default branch.
        offline: Use only the local cache.

    Returns:
        The folder in the cache; None if the repository has no ONNX file, or the cache does not contain it.

    Raises:
        EncoderError: The download failed.
    """
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    full_name = name if "/" in name else f"sentence-transformers/{name}"
    try:
        if offline:
            cached = Path(huggingface_hub.snapshot_download(full_name, revision=revision, local_files_only=True))
            return cached if onnx_in(cached) is not None else None
        chosen = onnx_file(huggingface_hub.HfApi().list_repo_files(full_name, revision=revision))
        if chosen is None:
            return None
        logger.info("%s: %s", full_name, chosen)
        folder = huggingface_hub.snapshot_download(
            full_name, revision=revision, allow_patterns=[*CONFIGURATION, f"{chosen}*"]
        )
    except LocalEntryNotFoundError:
        return None
    except (HfHubHTTPError, OSError) as error:
        raise EncoderError(f"{name}: the download from the Hub failed ({error}); run the same command again") from error
    return Path(folder)


def file_fingerprint(model: Path, folder: Path, configuration: EmbeddingConfiguration) -> str:
    """Hash weights, tokenizer and configuration. Equal fingerprints mean interchangeable vectors.

    Args:
        model: Path of the ONNX file.
        folder: Folder that contains `tokenizer.json`.
        configuration: How token embeddings become one embedding; its notes have no effect.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.blake2b(digest_size=8)
    for path in (model, *external_data(model), folder / NEEDED):
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    digest.update(json.dumps(asdict(replace(configuration, notes=())), sort_keys=True).encode())
    return digest.hexdigest()
