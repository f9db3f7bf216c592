"""Wrap a static model as an encoder that tokenizes each text of the evaluation once for all runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from torch.nn import functional

from searchapp.datatypes import FloatArray
from searchapp.encoders.fingerprint import model_fingerprint
from searchapp.statistics.vectors import unit

AT_ONCE = 4096


class TokenCache:
    """Caches the token ids of texts; the tokenizer is the same for all runs of the study."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, NDArray[np.int32]] = {}

    def ids(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the ids of each text, without special tokens.

        Args:
            texts: Texts to tokenise, in the order of the result; may repeat.
        """
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        for start in range(0, len(new), AT_ONCE):
            part = new[start : start + AT_ONCE]
            for text, encoding in zip(part, self._tokenizer.encode_batch(part, add_special_tokens=False), strict=True):
                self._known[text] = np.array(encoding.ids, dtype=np.int32)
        return [self._known[text] for text in texts]


class StudyEncoder:
    """Averages token vectors; a passage is its own unit vector plus its context's with a weight.

    Args:
        model: A model whose first module is a `StaticEmbedding`.
        cache: Cache of the model's tokenizer.
        context_weight: Weight of the context.
    """

    def __init__(self, model: SentenceTransformer, cache: TokenCache, *, context_weight: float) -> None:
        self._vectors = model[0].embedding.weight.detach()
        self._cache = cache
        self._context_weight = context_weight
        self.name = "study"
        self.dimension = int(self._vectors.shape[1])
        self.fingerprint = model_fingerprint(model)

    def encode_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts as unit vectors, (texts, dimension).

        Args:
            texts: Texts to embed; may be empty.
        """
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str], *, contexts: Sequence[str] | None = None) -> FloatArray:
        """Embed passages with their contexts as unit vectors, (passages, dimension).

        Args:
            texts: Passages to embed; may be empty.
            contexts: Context of each passage, empty for none; None if no passage has one.
        """
        own = self._encode(texts)
        if contexts is None or not any(contexts):
            return own
        distinct = {context: row for row, context in enumerate(dict.fromkeys(contexts))}
        around = self._encode(list(distinct))[[distinct[context] for context in contexts]]
        around[[not context for context in contexts]] = 0
        both = own + self._context_weight * around
        return unit(both)

    def close(self) -> None:
        """Do nothing: there are no resources to release."""

    def _encode(self, texts: Sequence[str]) -> FloatArray:
        blocks = []
        for start in range(0, len(texts), AT_ONCE):
            ids = self._cache.ids(texts[start : start + AT_ONCE])
            offsets = torch.from_numpy(np.cumsum([0] + [len(part) for part in ids[:-1]]))
            flat = torch.from_numpy(np.concatenate(ids).astype(np.int64))
            with torch.no_grad():
                mean = functional.embedding_bag(flat, self._vectors, offsets, mode="mean")
            blocks.append(functional.normalize(mean, dim=-1).numpy())
        return np.concatenate(blocks)
