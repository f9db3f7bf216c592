"""Encode texts with any sentence-transformers model, run by torch or OpenVINO."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from searchapp.datatypes import FloatArray
from searchapp.encoders.fingerprint import model_fingerprint
from searchapp.encoders.hub import probe_hub
from searchapp.errors import EncoderError, MissingExtraError
from searchapp.statistics.vectors import unit


class TransformerEncoder:
    """Embeds texts with a sentence-transformers model and its query and document prompts. Thread-safe.

    A passage with a context is read as `passage [SEP] context` with the tokenizer's own separator, in one segment, as
    LAReQA encodes a sentence together with its paragraph. The passage comes first, so that only the context is truncated if
    both exceed the model's maximum length. A tokenizer without a separator uses a line break.

    Args:
        model: A `sentence_transformers.SentenceTransformer`.
        name: Name given by the user.
        batch_size: Texts per forward pass.
        max_length: Maximum tokens per text; None for the model's own limit.
        progress: Show a progress bar on standard error.

    Attributes:
        name: Name by which it was loaded.
        dimension: Length of an embedding.
        fingerprint: Hash of weights, tokenizer, prompts and maximum length.
    """

    def __init__(
        self,
        model: Any,
        *,
        name: str = "in-memory",
        batch_size: int = 32,
        max_length: int | None = None,
        progress: bool = False,
    ) -> None:
        if max_length is not None:
            model.max_seq_length = max_length
        self._model = model
        self.name = name
        self._batch_size = batch_size
        self._progress = progress
        # Fast tokenizers change their truncation with each call and cannot be used by two threads at once.
        self._lock = Lock()
        self._separator = _separator(model)
        self.fingerprint = model_fingerprint(model)
        self.dimension = int(self._encode("query", ["dimension"]).shape[1])

    @classmethod
    def load(
        cls,
        name: str,
        *,
        folder: Path | None = None,
        revision: str | None = None,
        backend: str = "torch",
        trust_remote_code: bool = False,
        device: str | None = None,
        batch_size: int = 32,
        max_length: int | None = None,
        progress: bool = False,
    ) -> TransformerEncoder:
        """Load a model from a folder or the Hub, or without a connection from the Hub's local cache.

        Args:
            name: A folder, or the name of a model on the Hub.
            folder: The model's folder, if it is not `name`.
            revision: Branch, tag or commit on the Hub.
            backend: `torch`, `onnx` or `openvino`.
            trust_remote_code: Allow the model to run code from its own repository.
            device: Device such as `cpu` or `cuda:0`; None lets torch choose.
            batch_size: Texts per forward pass.
            max_length: Length in tokens at which texts are truncated; None for the model's own limit.
            progress: Whether to show a progress bar.

        Raises:
            EncoderError: The model does not exist, is damaged, or is not cached while the Hub cannot be reached.
            MissingExtraError: sentence-transformers or the backend is not installed.
        """
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise MissingExtraError(feature=f"the encoder {name!r}", extra="transformers") from error
        local = Path(name).is_dir() if folder is None else True
        hub_error = None if local else probe_hub(name, revision=revision)
        try:
            model = SentenceTransformer(
                str(folder or name),
                revision=revision,
                backend=backend,
                trust_remote_code=trust_remote_code,
                device=device,
                local_files_only=local or hub_error is not None,
            )
        except Exception as error:  # libraries raise OSError, ValueError, RuntimeError and bare Exception here
            raise _load_error(error, name=name, backend=backend, hub_error=hub_error) from error
        return cls(model, name=name, batch_size=batch_size, max_length=max_length, progress=progress)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embed queries with the model's query prompt: (n, dimension) float32, unit length.

        Args:
            texts: Texts of the queries, truncated to the model's maximum length.
        """
        return self._encode("query", texts)

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        """Embed passages with the model's document prompt: (n, dimension) float32, unit length.

        Args:
            texts: Texts of the passages, truncated to the model's maximum length.
            contexts: Context of each passage, or an empty string; None for no contexts.
        """
        if contexts is not None:
            texts = [
                f"{text}{self._separator}{context}" if context else text
                for text, context in zip(texts, contexts, strict=True)
            ]
        return self._encode("document", texts)

    def close(self) -> None:
        """Release the model. Encoding afterwards is an error."""
        self._model = None

    def _encode(self, side: str, texts: Sequence[str]) -> FloatArray:
        with self._lock:
            model = self._model
            if model is None:
                raise EncoderError(f"the encoder {self.name!r} is closed: load it again")
            if not len(texts):
                return np.zeros((0, self.dimension), dtype=np.float32)
            encode = model.encode_query if side == "query" else model.encode_document
            try:
                output = encode(
                    # Damaged sources contain lone surrogates, which tokenizers reject.
                    [text.encode("utf-8", "replace").decode("utf-8") for text in texts],
                    batch_size=self._batch_size,
                    show_progress_bar=self._progress,
                    convert_to_numpy=True,
                    normalize_embeddings=False,
                )
            except RuntimeError as error:
                raise EncoderError(f"{self.name}: encoding {len(texts)} texts failed: {error}") from error
        return self._checked(np.asarray(output, dtype=np.float32), texts)

    def _checked(self, embeddings: FloatArray, texts: Sequence[str]) -> FloatArray:
        finite = np.isfinite(embeddings).all(axis=1)
        if not finite.all():
            first = int(np.flatnonzero(~finite)[0])
            raise EncoderError(
                f"{self.name}: {int((~finite).sum())} of {len(texts)} embeddings contain NaN or infinity, the first for "
                f"{texts[first][:80]!r}; check the weights, or load the model in float32"
            )
        return unit(embeddings)


def _separator(model: Any) -> str:
    token = getattr(model.tokenizer, "sep_token", None) or getattr(model.tokenizer, "eos_token", None)
    return f" {token} " if token else "\n"


def _load_error(error: Exception, *, name: str, backend: str, hub_error: Exception | None) -> Exception:
    text = str(error)
    if isinstance(error, ImportError) or "requires installing Optimum" in text:
        feature = f"the encoder {name!r} with backend {backend!r}"
        return MissingExtraError(feature=feature, extra="transformers" if backend == "torch" else backend)
    if "trust_remote_code" in text:
        return EncoderError(
            f"{name} needs code from its own repository: read that code, then load it with trust_remote_code=True"
        )
    if hub_error is not None:
        return EncoderError(
            f"{name} is neither a folder nor in the local Hub cache, and the Hub cannot be reached ({hub_error}). "
            "Connect once to download it, set HF_HOME to a cache that contains it, or give a folder with the model"
        )
    return EncoderError(f"{name} cannot be loaded as a sentence-transformers model ({backend}): {text}")
