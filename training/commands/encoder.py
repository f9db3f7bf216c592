"""Inspect an encoder and choose its search settings: `searchapp encoder`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from searchapp.cli.output import AsJson, console, print_json, say
from searchapp.encoders.calibration import calibration_of
from searchapp.errors import InputError
from training.commands import bases

if TYPE_CHECKING:
    from training.calibration.choosing import Choice

app = typer.Typer(
    help="Import, trim, export, calibrate and inspect encoders.", no_args_is_help=True, rich_markup_mode="markdown"
)
app.command("import")(bases.import_base)
app.command()(bases.trim)
app.command()(bases.export)

Encoder = Annotated[str, typer.Argument(help="builtin, static, a model's folder or Hub name.")]
Data = Annotated[Path, typer.Option(help="Folder with `translations.parquet` and `qa.parquet`.")]


@app.command()
def info(encoder: Encoder = "builtin", json: AsJson = False) -> None:
    """Show an encoder's dimension, fingerprint, calibration and speed on this machine.

    Examples:
        searchapp encoder info

        searchapp encoder info static --json
    """
    from searchapp.encoders.loading import load_encoder
    from training.calibration.speed import measure_speed

    loaded = load_encoder(encoder)
    speed = measure_speed(loaded)
    record = {
        "name": loaded.name,
        "kind": type(loaded).__name__.lstrip("_"),
        "dimension": loaded.dimension,
        "fingerprint": loaded.fingerprint,
        "calibration": asdict(calibration_of(loaded)),
        **asdict(speed),
    }
    if json:
        print_json(record)
        return
    for name, value in record.items():
        say("{name:22} {value}", name=name, value=value)


@app.command()
def calibrate(
    encoder: Encoder,
    data: Data = Path("../shared/data"),
    pool: Annotated[int, typer.Option(min=40, help="Size of the pools; larger ones take longer but tell more.")] = 240,
    save: Annotated[bool, typer.Option("--save", help="Write calibration.json into the encoder's folder.")] = False,
    json: AsJson = False,
) -> None:
    """Choose fusion, feedback and the threshold of relevance for an encoder, on held-out questions and translations.

    Evaluation sets (XQuAD-R, SciFact and so on) are not used.

    Examples:
        searchapp encoder calibrate runs/mine --save
    """
    from searchapp.cli.progress import progress_bar
    from searchapp.encoders.loading import find_model_folder, load_encoder
    from searchapp.encoders.shipped import NAMES, shipped_folder
    from training.calibration.calibrate import calibrate as choose_for

    folder = shipped_folder(encoder) if encoder in NAMES else find_model_folder(encoder)
    if save and folder is None:
        raise InputError(f"{encoder} is not a folder: its calibration cannot be saved there; download the model first")
    with progress_bar(quiet=json) as tell:
        choice = choose_for(load_encoder(encoder), data, pool=pool, progress=tell)
    if save and folder is not None:
        choice.calibration.save(folder)
    if json:
        print_json(asdict(choice))
    else:
        _show(choice)


def _show(choice: Choice) -> None:
    from rich.table import Table

    table = Table(box=None, title="Mean average precision", title_justify="left")
    for name in ("", *choice.tasks):
        table.add_column(name, justify="right" if name else "left")
    taken = next(
        o
        for o in choice.outcomes
        if o.calibration.lexical_weight == choice.calibration.lexical_weight
        and o.calibration.feedback == choice.calibration.feedback
        and o.calibration.feedback_above == choice.calibration.feedback_above
    )
    for name, scores in (("dense", choice.dense), ("lexical", choice.lexical), ("hybrid, as chosen", taken.scores)):
        table.add_row(name, *(f"{score:.3f}" for score in scores))
    table.add_row("nothing relevant, without answers", *(f"{share:.0%}" for share in choice.rejected))
    console.print(table)
    for name, value in asdict(choice.calibration).items():
        say("{name:22} {value}", name=name, value=value)
    if choice.loses:
        say("[bold yellow]note:[/] below the better leg on {tasks}", tasks=", ".join(choice.loses))
