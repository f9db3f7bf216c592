"""Run an encoder under `mteb`; needs the extra `mteb`.

Example:
    >>> import mteb                                                                   # doctest: +SKIP
    >>> from searchapp.encoders.loading import load_encoder
    >>> from searchapp.evaluation.mteb_adapter import MtebEncoder
    >>> mteb.evaluate(MtebEncoder(load_encoder("builtin")), mteb.get_tasks(tasks=["XQuADRetrieval"]))
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.datatypes import FloatArray
from searchapp.encoders.base import Encoder
from searchapp.errors import MissingExtraError
from searchapp.text.normalise import normalize


class MtebEncoder:
    """An encoder in the form that mteb expects: documents use `encode_passages`, everything else `encode_queries`.

    Tasks without sides (STS, classification, bitext) therefore get query embeddings for all texts.

    Args:
        encoder: The encoder to run; the caller closes it.

    Raises:
        MissingExtraError: mteb is not installed.
    """

    def __init__(self, encoder: Encoder) -> None:
        try:
            from mteb.models.model_meta import ModelMeta, ScoringFunction
            from mteb.types import PromptType
        except ImportError as error:
            raise MissingExtraError(feature="running an encoder under mteb", extra="mteb") from error
        self._encoder = encoder
        self._document = PromptType.document
        self._meta = ModelMeta(
            loader=None,
            name=_model_name(encoder.name),
            revision=encoder.fingerprint,
            release_date=None,
            languages=None,
            n_parameters=None,
            memory_usage_mb=None,
            max_tokens=None,
            embed_dim=encoder.dimension,
            license=None,
            open_weights=None,
            public_training_code=None,
            public_training_data=None,
            framework=[],
            similarity_fn_name=ScoringFunction.COSINE,
            use_instructions=False,
            training_datasets=None,
        )

    @property
    def mteb_model_meta(self) -> Any:
        """Describe the encoder as an `mteb` ModelMeta: name, revision (the fingerprint) and dimension."""
        return self._meta

    def encode(
        self,
        inputs: Iterable[dict[str, Any]],
        *,
        task_metadata: Any,
        hf_split: str,
        hf_subset: str,
        prompt_type: Any = None,
        **kwargs: Any,
    ) -> FloatArray:
        """Embed batches of texts; returns an array of (texts, dimension).

        Args:
            inputs: Batches with the texts under `text`.
            task_metadata: Description of the task; unused.
            hf_split: Split of the data set; unused.
            hf_subset: Subset of the data set; unused.
            prompt_type: `document` or `query`, or None for a task without sides.
            **kwargs: Further arguments that mteb passes; unused.
        """
        encode = self._encoder.encode_passages if prompt_type == self._document else self._encoder.encode_queries
        blocks = [encode([normalize(text) for text in batch["text"]]) for batch in inputs]
        return np.concatenate(blocks) if blocks else np.zeros((0, self._encoder.dimension), dtype=np.float32)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> NDArray[np.float32]:
        """Compute the cosine of each with each, (n, m).

        Args:
            embeddings1: Embeddings, (n, dimension), unit length.
            embeddings2: Embeddings, (m, dimension), unit length.
        """
        scores: NDArray[np.float32] = _rows(embeddings1) @ _rows(embeddings2).T
        return scores

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> NDArray[np.float32]:
        """Compute the cosine of each with its counterpart, (n,).

        Args:
            embeddings1: Embeddings, (n, dimension), unit length.
            embeddings2: Embeddings, (n, dimension), unit length.
        """
        scores: NDArray[np.float32] = (_rows(embeddings1) * _rows(embeddings2)).sum(axis=1)
        return scores


def _rows(embeddings: Any) -> FloatArray:
    return np.atleast_2d(np.asarray(embeddings, dtype=np.float32))


def _model_name(name: str) -> str:
    """Convert a name to `organisation/model`, as mteb requires; a path is reduced to its last part."""
    if re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        return name
    return "searchapp/" + (re.sub(r"[^\w.-]+", "-", name.rstrip("/").rpartition("/")[2]) or "encoder")
