"""Write a `BertModel` as ONNX: float32, or with matrices of 8 or 4 bits and word embeddings in blocks of 4 bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchapp.errors import InputError
from training.bases.blocks import BLOCK, pack_blocks

OPSET = 17
VENDOR = "com.microsoft"
WORDS = "embeddings.word_embeddings.weight"


def export_onnx(model: Any, path: Path) -> None:
    """Write `model` as float32 ONNX with the inputs `input_ids`, `attention_mask` and the output `last_hidden_state`.

    Args:
        model: A `BertModel` with eager attention, which traces to plain matrix products.
        path: The file to write.
    """
    import torch

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return states

    ids = torch.tensor([[0, 5, 6, 2], [0, 7, 2, 1]])
    axes = {0: "batch", 1: "sequence"}
    torch.onnx.export(
        Traced().eval(),
        (ids, (ids != 1).long()),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["last_hidden_state"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "last_hidden_state": axes},
        opset_version=OPSET,
        dynamo=False,
    )


def quantize_onnx(source: Path, target: Path, *, words: NDArray[np.uint8] | None = None) -> None:
    """Quantise the matrices to signed 8-bit integers per output channel, and the word embeddings to blocks of 4 bits.

    Activations are quantised dynamically. Weights use 7 of their 8 bits, because on CPUs without VNNI instructions the
    16-bit sums of products would overflow; unsigned weights would not, but are slow on CPUs with VNNI.

    Args:
        source: A float32 file written by `export_onnx`.
        target: The file to write.
        words: The word embeddings as packed blocks, (rows, bytes), if available; they are then kept bit for bit. None
            packs them again.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
    )
    graph = onnx.load(target)
    pack_words(graph, words=words)
    onnx.save(graph, target)


def quantize_blocks(source: Path, target: Path) -> None:
    """Quantise the matrices and the word embeddings to blocks of 32 weights of 4 bits.

    Args:
        source: A float32 file written by `export_onnx`.
        target: The file to write.
    """
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantizer = MatMulNBitsQuantizer(onnx.load(source), bits=4, block_size=BLOCK, is_symmetric=True, accuracy_level=4)
    quantizer.process()
    graph = quantizer.model.model
    pack_words(graph)
    onnx.save(graph, target)


def pack_words(model: Any, *, words: NDArray[np.uint8] | None = None) -> None:
    """Replace the look-up of word embeddings by one in blocks of 4 bits, in place.

    Args:
        model: ONNX model of a BERT with float32 word embeddings; changed.
        words: Word embeddings as packed blocks, (rows, bytes): see `training.bases.blocks`; None to round those of the
            model.

    Raises:
        InputError: The graph has no such look-up.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph
    tables = {table.name: table for table in graph.initializer if table.name.endswith(WORDS)}
    nodes = [
        (place, node) for place, node in enumerate(graph.node) if node.op_type == "Gather" and node.input[0] in tables
    ]
    if len(nodes) != 1:
        raise InputError(f"{len(nodes)} look-ups of {WORDS} in the graph; expected one: is it a BERT?")
    place, node = nodes[0]
    table = tables[node.input[0]]
    packed = pack_blocks(numpy_helper.to_array(table)) if words is None else words
    blocks = packed.reshape(len(packed), -1, 2 + BLOCK // 2)
    nibbles = np.concatenate([blocks[:, :, 2:] & 15, blocks[:, :, 2:] >> 4], axis=2).reshape(len(packed), -1)
    # ONNX Runtime packs neighbours into one byte, the first in the low half; its zero is 8, as in the blocks.
    data = numpy_helper.from_array(nibbles[:, 0::2] | (nibbles[:, 1::2] << 4), "words.blocks")
    scales = numpy_helper.from_array(np.ascontiguousarray(blocks[:, :, :2]).view(np.float16)[:, :, 0], "words.scales")
    looked = helper.make_node(
        "GatherBlockQuantized",
        ["words.blocks", node.input[1], "words.scales"],
        ["words.half"],
        domain=VENDOR,
        gather_axis=0,
        quantize_axis=1,
        block_size=BLOCK,
        bits=4,
    )
    widened = helper.make_node("Cast", ["words.half"], [node.output[0]], to=TensorProto.FLOAT)
    graph.initializer.remove(table)
    graph.initializer.extend([data, scales])
    graph.node.remove(node)
    graph.node.insert(place, looked)
    graph.node.insert(place + 1, widened)
    if VENDOR not in {entry.domain for entry in model.opset_import}:
        model.opset_import.append(helper.make_opsetid(VENDOR, 1))
