"""Trim a model by the texts of files, and measure what that costs each language."""

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
"""Texts of a file that pieces are counted on; more change little and take longer."""

TOLD_EVERY = 2_000


@dataclass(frozen=True, slots=True)
class TrimReport:
    """What was kept, and what it costs.

    Attributes:
        pieces_before: Of the whole vocabulary, special tokens included.
        pieces: Of the trimmed one.
        weights_bytes_before: Size of `model.safetensors`.
        weights_bytes: Its size afterwards.
        counted: Texts that pieces were counted on.
        costs: Language -> cost on texts that were not counted.
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
    """Copy a model with the pieces that texts use; special tokens, single characters and prompts stay.

    Args:
        model: A folder or Hub name.
        target: The new folder.
        texts: Files of texts: see `training.bases.counted_texts`.
        keep: Pieces that stay at most; None for all that are used.
        progress: Receives the stages.

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
