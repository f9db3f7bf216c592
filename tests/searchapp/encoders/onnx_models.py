"""Create ONNX files of the tiny models in `conftest`."""

from __future__ import annotations

import warnings
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer


def export(model: Path, file: Path, *, output: str = "last_hidden_state") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    network = SentenceTransformer(str(model), device="cpu")[0].auto_model.eval()

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            return self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    ids = torch.tensor([[2, 5, 6, 3], [2, 7, 3, 0]])
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Traced(),
            (ids, (ids != 0).long()),
            str(file),
            input_names=["input_ids", "attention_mask"],
            output_names=[output],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, output: axes},
            opset_version=17,
            dynamo=False,
        )
    return file
