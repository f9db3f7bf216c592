"""Fit, switch and show the debias transform of a collection: `searchapp debias`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from searchapp.cli.output import (
    AsJson,
    Home,
    TrustRemoteCode,
    Url,
    catalog_at,
    console,
    print_json,
    say,
    warn,
    work_folder,
)
from searchapp.errors import ConfigurationError

if TYPE_CHECKING:
    from index_builder.debias import DebiasReport
    from searchapp.debias.base import DebiasTransform
    from searchapp.stores.base import Store
    from searchapp.stores.build_record import DebiasRecord
    from searchapp.stores.manifest import Manifest

SAMPLE = 100_000

app = typer.Typer(
    help="Take language identity out of a collection's vectors, and switch that on and off.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
Name = Annotated[str, typer.Argument(help="Collection.")]
Keep = Annotated[int, typer.Option(min=0, help="Old versions kept for rollback.")]


class MethodName(str, Enum):
    """Method of debiasing."""

    centering = "centering"
    lir = "lir"
    lsar = "lsar"
    shift = "shift"
    counterparts = "counterparts"


@app.command()
def fit(
    collection: Name,
    method: Annotated[
        MethodName, typer.Option(help="See docs/debias.md for what each does.")
    ] = MethodName.counterparts,
    from_parallel: Annotated[
        Path | None,
        typer.Option(
            help="Fit on this parallel text (Parquet or JSON lines of group, lang, text) instead of the collection."
        ),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Only rows of the parallel text with this `source`; repeatable.")
    ] = None,
    rank: Annotated[int | None, typer.Option(min=1, help="Directions that lir and lsar remove.")] = None,
    alpha: Annotated[float, typer.Option(help="How far shift moves passages.")] = 0.6,
    strength: Annotated[float | None, typer.Option(help="Weight of the counterparts.")] = None,
    margin: Annotated[float | None, typer.Option(help="Margin of the counterparts; higher finds fewer.")] = None,
    sample: Annotated[int, typer.Option(min=1, help="Vectors or texts to fit on, about.")] = SAMPLE,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 0,
    keep: Keep = 2,
    home: Home = None,
    url: Url = None,
    trust_remote_code: TrustRemoteCode = False,
    json: AsJson = False,
) -> None:
    """Fit a transform and make a version of the collection live that also contains debiased vectors.

    Passages are not encoded again, and searches can still use the original vectors (--rank debias=false). A search
    takes the same time with either.

    Examples:
        searchapp debias fit docs

        searchapp debias fit docs --method lsar --rank 4

        searchapp debias fit docs --method shift --from-parallel translations.parquet --source flores200
    """
    from index_builder.debias import Debiaser, stored_vectors
    from index_builder.parallel_text import read_parallel
    from searchapp.cli.progress import progress_bar
    from searchapp.debias.counterparts import MARGIN, STRENGTH
    from searchapp.debias.loading import fit_transform
    from searchapp.encoders.loading import load_encoder

    def make(store: Store, manifest: Manifest) -> tuple[DebiasTransform, Mapping[str, Any]]:
        groups = None
        if from_parallel is None:
            vectors, languages = stored_vectors(store, points=manifest.points, sample=sample, seed=seed)
            fitted_on = {"source": f"collection {collection}, version {manifest.version}", "vectors": len(vectors)}
        else:
            text = read_parallel(
                from_parallel, languages=set(manifest.languages), sources=source or (), sample=sample, seed=seed
            )
            options = manifest.configuration.encoder_options
            encoder = load_encoder(
                manifest.encoder,
                revision=options.revision,
                backend=options.backend,
                trust_remote_code=trust_remote_code,
                fingerprint=manifest.fingerprint,
            )
            with closing(encoder):
                manifest.check_encoder(encoder)
                vectors = encoder.encode_passages(text.texts)
            languages, groups = list(text.languages), text.groups
            fitted_on = {"source": str(from_parallel), "vectors": len(vectors), "groups": len(set(groups))}
        made = fit_transform(
            method.value,
            vectors,
            languages,
            groups=groups,
            rank=rank,
            alpha=alpha,
            strength=STRENGTH if strength is None else strength,
            margin=MARGIN if margin is None else margin,
        )
        return made, {**fitted_on, "seed": seed}

    if method is MethodName.shift and from_parallel is None:
        raise ConfigurationError("--method shift is fitted on pairs of translations: give --from-parallel FILE")
    with ExitStack() as stack:
        catalog = stack.enter_context(closing(catalog_at(home, url)))
        tell = stack.enter_context(progress_bar(quiet=json, rate_of="passages"))
        report = Debiaser(catalog=catalog, work=work_folder(home)).fit(collection, make, keep=keep, progress=tell)
    _show(report, json=json)


@app.command("on")
def switch_on(collection: Name, keep: Keep = 2, home: Home = None, url: Url = None, json: AsJson = False) -> None:
    """Make searches use the debiased vectors by default (writes a new version from the stored vectors)."""
    _switch(collection, True, keep=keep, home=home, url=url, json=json)


@app.command("off")
def switch_off(collection: Name, keep: Keep = 2, home: Home = None, url: Url = None, json: AsJson = False) -> None:
    """Make searches use the original vectors by default (writes a new version from the stored vectors)."""
    _switch(collection, False, keep=keep, home=home, url=url, json=json)


@app.command()
def info(
    collection: Name,
    save: Annotated[
        Path | None, typer.Option(help="Also write the transform to this file, for: eval encoder --debias.")
    ] = None,
    home: Home = None,
    url: Url = None,
    json: AsJson = False,
) -> None:
    """Show the live version's transform: its method, its settings, the data it was fitted on, and whether it is on."""
    from searchapp.debias.attached import FILE

    with closing(catalog_at(home, url)) as catalog:
        live = catalog.live_version(collection)
        store, manifest = catalog.open(collection, live)
        store.close()
        if save is not None:
            if not manifest.debias:
                raise ConfigurationError(
                    f"collection {collection!r} has no debias transform; fit one with: searchapp debias fit {collection}"
                )
            save.write_bytes(catalog.attachment(collection, live, FILE))
    if json:
        print_json(asdict(manifest.debias) if manifest.debias else {})
    elif not manifest.debias:
        console.print(f"{collection}: no debias transform. Fit one with: searchapp debias fit {collection}")
    else:
        _entry(manifest.debias)


def _switch(collection: str, default: bool, *, keep: int, home: Path | None, url: str | None, json: bool) -> None:
    from index_builder.debias import Debiaser
    from searchapp.cli.progress import progress_bar

    with ExitStack() as stack:
        catalog = stack.enter_context(closing(catalog_at(home, url)))
        tell = stack.enter_context(progress_bar(quiet=json, rate_of="passages"))
        debiaser = Debiaser(catalog=catalog, work=work_folder(home))
        report = debiaser.set_default(collection, default, keep=keep, progress=tell)
    _show(report, json=json)


def _show(report: DebiasReport, *, json: bool) -> None:
    if json:
        print_json(asdict(report))
        return
    say("[green]✓[/] {r.collection}: version {r.version} is live, {r.seconds:.1f} s", r=report)
    _entry(report.debias)
    console.print(
        f"  {report.changed:.0%} of {report.passages:,} passages moved; mean cosine before and after {report.moved:.3f}"
    )
    for note in report.notes:
        warn(note)


def _entry(entry: DebiasRecord) -> None:
    state = "on" if entry.default else "off"
    console.print(f"  {entry.name}, by default {state}")
    for kind, found in (("settings", entry.settings), ("fitted on", entry.fitted_on)):
        shown = ", ".join(
            f"{key} {' '.join(map(str, value)) if isinstance(value, list) else value}" for key, value in found.items()
        )
        console.print(f"  {kind}: {shown}", highlight=False)
