"""Export a model to a folder with an ONNX file that runs without torch, and compare both."""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from tokenizers import Tokenizer

from searchapp.datatypes import Progress, Tell
from searchapp.demo import corpus_path
from searchapp.encoders.onnx.configuration import read_configuration
from searchapp.encoders.onnx.encoder import OnnxEncoder
from searchapp.encoders.onnx.files import NEEDED
from searchapp.encoders.transformer import TransformerEncoder
from searchapp.errors import EncoderError, InputError
from searchapp.evaluation.evaluate import encode_task
from searchapp.evaluation.figures import quality
from searchapp.evaluation.indexing import TaskIndex
from searchapp.evaluation.scorer import rank_pool
from searchapp.evaluation.tasks.base import RetrievalTask, TaskPassage, TaskQuery
from searchapp.evaluation.tasks.qrels import load_qrels_task
from training.bases.model_folders import new_folder, torch_folder
from training.bases.onnx_model import export_onnx, quantize_blocks, quantize_onnx

Quantization = Literal["none", "int8", "int4"]

TOPICS = 12
"""Topics of the demo corpus, each in 13 languages, on which the export is compared with torch."""

LEAST_COSINE = 0.9
"""Mean cosine below which the export no longer computes the model, whatever the quantisation."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, and how close it is to the model in torch.

    Attributes:
        file_bytes: Size of `model.onnx`.
        texts: Number of compared queries and passages: those that fit the model's maximum length.
        cosine_mean: Mean cosine between both embeddings of a text.
        cosine_least: Smallest of these cosines.
        map_torch: Mean average precision in torch on the task, all languages in one pool.
        map_onnx: The same with the exported file.
    """

    folder: str
    quantize: Quantization
    file_bytes: int
    texts: int
    cosine_mean: float
    cosine_least: float
    map_torch: float
    map_onnx: float


def export_folder(
    model: str, target: Path, *, quantize: Quantization = "int8", progress: Tell | None = None
) -> ExportReport:
    """Write `model.onnx`, the tokenizer and the configuration of a model, and compare its embeddings with torch's.

    Args:
        model: A folder or Hub name of a BERT or XLM-RoBERTa that sentence-transformers loads.
        target: Folder to create.
        quantize: `int8` (8-bit matrices per output channel, activations quantised dynamically), `int4` (4-bit matrices in
            blocks of 32 weights; smaller, often slower) or `none` (float32). With both the word embeddings are in blocks
            of 4 bits.
        progress: Called at the beginning of each stage; None for no progress.

    Raises:
        InputError: The target exists, or the source cannot be exported.
        EncoderError: The embeddings differ from the model's; nothing is kept.
    """
    tell = progress or (lambda state: None)
    source = torch_folder(model)
    if not (source / NEEDED).is_file():
        raise InputError(f"contains no {NEEDED}; save it with a fast tokenizer of transformers", path=source)
    read_configuration(source, name=model)  # report what it rejects before the work starts
    with new_folder(target) as folder:
        tell(Progress("loading the model"))
        network = _load(source)
        _copy_configuration(source, folder)
        tell(Progress("exporting"))
        with _quietly():
            _write(network[0].auto_model.eval(), folder, quantize=quantize, tell=tell)
        return _compare(network, folder, name=str(target), quantize=quantize, tell=tell)


def demo_task() -> RetrievalTask:
    """Return the first topics of the demo corpus and the queries that they answer."""
    whole = load_qrels_task(corpus_path().parent, name="demo")
    topics = list(dict.fromkeys(passage.id.rpartition("-")[0] for passage in whole.passages))[:TOPICS]
    passages = tuple(passage for passage in whole.passages if passage.id.rpartition("-")[0] in topics)
    pids = {passage.id for passage in passages}
    qrels = {qid: judged for qid, judged in whole.qrels.items() if pids.issuperset(judged)}
    queries = tuple(query for query in whole.queries if query.id in qrels)
    return RetrievalTask(name="demo", queries=queries, passages=passages, qrels=qrels, measures=("mAP",))


def _load(source: Path) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    disable_progress_bar()
    set_verbosity_error()  # a BERT without pooler, which no embedding uses, would be reported as incomplete
    try:
        return SentenceTransformer(
            str(source), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
        )
    except Exception as error:  # libraries raise OSError, ValueError, RuntimeError and bare Exception here
        raise EncoderError(f"{source}: torch cannot load it ({error}); check its weights and config.json") from error


def _copy_configuration(source: Path, folder: Path) -> None:
    """Copy everything except the weights: JSON files at any depth, and the model card."""
    for path in (*source.glob("**/*.json"), *source.glob("README.md")):
        if not path.name.endswith("index.json"):
            place = folder / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def _write(transformer: Any, folder: Path, *, quantize: Quantization, tell: Tell) -> None:
    file, full = folder / "model.onnx", folder / "full.onnx"
    export_onnx(transformer, full)
    if quantize == "none":
        full.replace(file)
        return
    tell(Progress(f"quantising to {quantize}"))
    (quantize_onnx if quantize == "int8" else quantize_blocks)(full, file)
    full.unlink()


def _compare(network: Any, folder: Path, *, name: str, quantize: Quantization, tell: Tell) -> ExportReport:
    task = demo_task()
    index = TaskIndex.of(task)
    found = []
    for encoder, kind in (
        (TransformerEncoder(network), "torch"),
        (OnnxEncoder.load(folder, name=name), "ONNX Runtime"),
    ):
        tell(Progress(f"comparing: {kind}"))
        queries, passages = encode_task(task, encoder, contexts=False)
        scores = quality(index, rank_pool(index, queries, passages), measures=("mAP",)).per_query["Mul mAP"]
        found.append((np.concatenate([queries, passages]), float(np.mean(scores))))
    (expected, map_torch), (own, map_onnx) = found
    cosines = (expected * own).sum(axis=1)[_short(folder, [*task.queries, *task.passages])]
    if not float(cosines.mean()) >= LEAST_COSINE:
        raise EncoderError(
            f"{name}: the exported file's embeddings have a mean cosine of {cosines.mean():.3f} to torch's, expected "
            f"{LEAST_COSINE} or more; nothing was kept. Try --quantize int8, or none"
        )
    return ExportReport(
        folder=name,
        quantize=quantize,
        file_bytes=(folder / "model.onnx").stat().st_size,
        texts=len(cosines),
        cosine_mean=float(cosines.mean()),
        cosine_least=float(cosines.min()),
        map_torch=map_torch,
        map_onnx=map_onnx,
    )


def _short(folder: Path, texts: Sequence[TaskQuery | TaskPassage]) -> list[int]:
    """Choose the texts within the maximum length: torch truncates longer ones, unlike ONNX Runtime's encoder."""
    tokenizer = Tokenizer.from_file(str(folder / NEEDED))
    tokenizer.no_truncation()
    found = read_configuration(folder, name=str(folder))
    prompt = max(found.query_prompt, found.passage_prompt, key=len)
    lengths = [len(tokenizer.encode(prompt + text.text).ids) for text in texts]
    if not (short := [place for place, length in enumerate(lengths) if length <= found.max_length]):
        raise InputError(
            f"the model reads {found.max_length} tokens at once, fewer than the shortest text of the comparison has "
            f"({min(lengths)}): raise max_seq_length in sentence_bert_config.json",
            path=folder,
        )
    return short


@contextmanager
def _quietly() -> Iterator[None]:
    """Silence the exporters' messages about tracing, deprecations and optimisation."""
    root = logging.getLogger()
    level = root.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        root.setLevel(logging.ERROR)
        try:
            yield
        finally:
            root.setLevel(level)
