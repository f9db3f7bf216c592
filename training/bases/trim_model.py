"""Trim a model's vocabulary by the texts in files, and measure the cost for each language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from searchapp.datatypes import Progress, Tell
from searchapp.encoders.onnx.configuration import read_configuration
from training.bases.counted_texts import read_texts
from training.bases.model_folders import torch_folder
from training.bases.trim_folder import WEIGHTS, trim_folder
from training.bases.trimming import TrimmingCost, trimming_cost

MOST_TEXTS = 300_000
"""Maximum texts per file for counting pieces; more take longer and change little."""

TOLD_EVERY = 2_000


@dataclass(frozen=True, slots=True)
class TrimReport:
    """What was kept, and the cost.

    Attributes:
        pieces_before: Pieces of the whole vocabulary, including special tokens.
        pieces: Pieces of the trimmed vocabulary.
        weights_bytes_before: Size of `model.safetensors` before.
        weights_bytes: Size of `model.safetensors` afterwards.
        counted: Number of texts in which pieces were counted.
        costs: Language -> cost on held-out texts.
    """

    folder: str
    pieces_before: int
    pieces: int
    weights_bytes_before: int
    weights_bytes: int
    counted: int
    costs: dict[str, TrimmingCost]


def trim_model(
    model: str, target: Path, texts: Sequence[Path], *, keep: int | None = None, progress: Tell | None = None
) -> TrimReport:
    """Copy a model with only the pieces that texts use; special tokens, single characters and prompts are kept.

    Args:
        model: A folder or Hub name.
        target: Folder to create.
        texts: Files of texts, see `training.bases.counted_texts`.
        keep: Maximum number of pieces to keep; None for all that are used.
        progress: Called at the beginning of each stage; None for no progress.

    Raises:
        InputError: The target exists, the model has no unigram vocabulary, or a file cannot be read.
    """
    tell = progress or (lambda state: None)
    source = torch_folder(model)
    tell(Progress("reading texts"))
    found = read_texts(texts, most=MOST_TEXTS)
    prompts = read_configuration(source, name=model)
    always = [prompts.query_prompt, prompts.passage_prompt]
    kept = trim_folder(source, target, _told(always, found.counted, tell), most=keep)
    tell(Progress("measuring the cost"))
    before, after = (Tokenizer.from_file(str(folder / "tokenizer.json")) for folder in (source, target))
    return TrimReport(
        folder=str(target),
        pieces_before=before.get_vocab_size(),
        pieces=len(kept),
        weights_bytes_before=(source / WEIGHTS).stat().st_size,
        weights_bytes=(target / WEIGHTS).stat().st_size,
        counted=len(found.counted),
        costs={language: trimming_cost(before, after, kept, apart) for language, apart in sorted(found.apart.items())},
    )


def _told(prompts: Sequence[str], texts: Sequence[str], tell: Tell) -> Iterator[str]:
    yield from prompts
    for place, text in enumerate(texts):
        if place % TOLD_EVERY == 0:
            tell(Progress.of("counting pieces", place, len(texts), unit="texts"))
        yield text
