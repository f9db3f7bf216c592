"""Lay out the Index tab: collections and versions, builds with live progress, and rollback."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from index_builder import BuildOptions, BuildReport, Columns
from searchapp.datatypes import Tell
from searchapp.errors import InputError, SearchAppError
from searchapp.stores.names import CollectionName
from ui.building import Builds
from ui.jobs import Job, Jobs
from ui.pool import Pool
from ui.safety import UPLOAD_SUFFIXES, allowed_encoder, allowed_path, checked_upload, guarded, listed_files
from ui.views.jobs import job_view
from ui.views.message import message_view
from ui.views.versions import collections_view, manifest_view, unfinished_view

SCRIPT = Path(__file__).with_name("assets") / "index.js"
TICK = 0.4
"""Seconds between updates of a running build."""


def make_index_tab(
    pool: Pool, jobs: Jobs, *, builds: Builds | None, folders: Sequence[Path] = (), choosers: Sequence[Any] = ()
) -> Any:
    """Lay out the tab and connect its events; return the list of collections, which is redrawn when the page opens.

    Args:
        pool: Provides the clients of the collections.
        jobs: Runs builds in the background.
        builds: Builds collections; None for a read-only page.
        folders: Folders on the server whose files may be indexed.
        choosers: Collection choices elsewhere on the page, which a build may extend.
    """
    listing = gr.HTML(
        "",
        elem_id="listing",
        apply_default_css=False,
        js_on_load=SCRIPT.read_text(encoding="utf-8"),
    )
    if builds is None:
        gr.HTML(
            message_view("Building is switched off here.", "This page only reads; build on the command line instead."),
            elem_id="no-build",
            apply_default_css=False,
        )
        return listing
    _make_form(pool, jobs, builds=builds, folders=folders, listing=listing, choosers=choosers)
    return listing


def listing_view(pool: Pool, builds: Builds | None) -> str:
    """Render the current collections and what interrupted builds left.

    Args:
        pool: Provides the collections; without a catalog, only its client's manifest is shown.
        builds: Runs the builds; None if the page may not change anything.
    """
    if pool.catalog is None:
        return guarded(lambda: manifest_view(pool.client().manifest()), said=_error)
    found, damaged = {}, {}
    for name in pool.names():
        try:
            found[name] = pool.catalog.versions(name)
        except SearchAppError as error:
            damaged[name] = str(error)
    listed = collections_view(found, damaged, may_change=builds is not None)
    return listed if builds is None else listed + unfinished_view(builds.unfinished())


@dataclass(frozen=True, slots=True)
class _Request:
    """A build requested by the form; `clean` is called when it ends."""

    source: Path
    collection: CollectionName
    options: BuildOptions
    encoder: str
    clean: Callable[[], None]


def _start(jobs: Jobs, builds: Builds, request: _Request) -> int:
    """Start a build in the background."""
    name = request.source.name

    def work(tell: Tell) -> BuildReport:
        try:
            return builds.build(
                request.source, request.collection, request.options, encoder=request.encoder, progress=tell
            )
        except InputError as error:  # people know the file by its name, not by its temporary path
            raise InputError(error.reason, path=name, line=error.line) from error
        finally:
            request.clean()

    return jobs.start("build", f"Building {request.collection} from {name}", work)


def _make_form(
    pool: Pool, jobs: Jobs, *, builds: Builds, folders: Sequence[Path], listing: Any, choosers: Sequence[Any]
) -> None:
    files = listed_files(folders)
    with gr.Column(elem_id="build-form", elem_classes="sheet"):
        gr.HTML(
            '<h2>Build a collection</h2><p class="quiet">A build creates a new version next to the live one and '
            "switches to it when it is complete; searches continue meanwhile. Bad rows are set aside, never lost.<br>JSON "
            "lines, CSV, TSV, SQuAD JSON or Parquet, also gzipped.</p>",
            apply_default_css=False,
            elem_classes="form-head",
        )
        with gr.Row():
            upload = gr.File(
                label="Upload",
                file_types=list(UPLOAD_SUFFIXES),
                file_count="single",
                height=130,
                scale=3,
                elem_id="upload",
            )
            with gr.Column(scale=4):
                name = gr.Textbox(
                    label="Collection",
                    placeholder="my-notes",
                    info="A new name, or that of a collection to replace.",
                    max_length=100,
                    max_lines=1,
                    elem_id="build-name",
                )
                path = gr.Dropdown(
                    [(Path(file).name, file) for file in files],
                    value=None,
                    label="Or a file of this server",
                    info="From the folders that the server allows.",
                    visible=bool(files),
                    elem_id="build-path",
                )
        with gr.Accordion("Fields and encoder", open=False, elem_id="build-more"), gr.Row():
            encoder = gr.Dropdown(
                list(builds.encoders),
                value=builds.encoders[0],
                label="Encoder",
                info="Choose one, or type a Hub name such as org/model or a model's folder that the page may read."
                if builds.any_encoder
                else "The model that turns passages into vectors.",
                allow_custom_value=builds.any_encoder,
                elem_id="build-encoder",
            )
            text = gr.Textbox(label="Text field", placeholder="detected", info="The field to search.", max_lines=1)
            language = gr.Textbox(label="Language field", placeholder="detected", info="Its BCP 47 code.", max_lines=1)
            title = gr.Textbox(label="Title field", placeholder="detected", info="Shown above the text.", max_lines=1)
            same = gr.Textbox(
                label="Translations field", placeholder="none", info="Shared by translations.", max_lines=1
            )
        build = gr.Button("Build", variant="primary", elem_id="build-button", elem_classes="primary")
    progress = gr.HTML("", elem_id="build-progress", apply_default_css=False)
    rejects = gr.DownloadButton("Download the rejected rows", visible=False, elem_id="rejects")
    timer = gr.Timer(TICK, active=False)
    mine = gr.State(0)

    def begin(
        uploaded: str | None, server_path: str | None, collection: str, encoder_name: str, *fields: str | None
    ) -> list[Any]:
        def work() -> list[Any]:
            chosen = allowed_encoder(
                encoder_name or "", offered=builds.encoders, others=builds.any_encoder, folders=folders
            )
            form = (uploaded, server_path, collection, *fields)
            number = _start(jobs, builds, _request(form, builds, encoder=chosen, folders=folders))
            shown = job_view(jobs.get(number))
            return [number, shown, gr.update(active=True), gr.update(visible=False), gr.update(value=None)]

        return guarded(
            work,
            said=lambda *said: [0, _error(*said), gr.update(active=False), gr.update(visible=False), gr.skip()],
            headline="This build did not start.",
        )

    def look(number: int) -> list[Any]:
        job = jobs.get(number)
        if job is None or job.state == "running":
            return [
                job_view(job),
                gr.update(active=job is not None),
                gr.skip(),
                gr.skip(),
                *[gr.skip()] * len(choosers),
            ]
        choices = gr.update(choices=pool.names(), visible=len(pool.names()) > 1)
        shown = listing_view(pool, builds)
        return [job_view(job), gr.update(active=False), _rejects(job), shown, *[choices] * len(choosers)]

    def activate(event: gr.EventData) -> str:
        def work() -> str:
            builds.activate(str(event.collection), str(event.version))
            return listing_view(pool, builds)

        return guarded(work, said=_error, headline="This version was not made live.")

    def discard(event: gr.EventData) -> str:
        def work() -> str:
            builds.discard(str(event.collection))
            return listing_view(pool, builds)

        return guarded(work, said=_error, headline="Nothing was deleted.")

    quick: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    inputs = [upload, path, name, encoder, text, language, title, same]
    build.click(begin, inputs, [mine, progress, timer, rejects, upload], api_name="page_build", **quick)
    timer.tick(look, mine, [progress, timer, rejects, listing, *choosers], api_name="page_build_look", **quick)
    listing.activate(activate, None, listing, api_name="page_activate", **quick)
    listing.discard(discard, None, listing, api_name="page_discard", **quick)


def _request(form: Sequence[str | None], builds: Builds, *, encoder: str, folders: Sequence[Path]) -> _Request:
    """Check the form. An upload is copied, because its own place may be cleaned during the build."""
    uploaded, server_path, collection, *fields = form
    if not (collection or "").strip():
        raise InputError("the collection has no name; type one, such as my-notes")
    name = CollectionName((collection or "").strip())
    text, language, title, translations = ((field or "").strip() or None for field in fields)
    if uploaded:
        source = checked_upload(uploaded)
        folder = Path(tempfile.mkdtemp(prefix="searchapp-upload-"))
        copy = folder / source.name
        shutil.copyfile(source, copy)
        source = copy

        def clean() -> None:
            shutil.rmtree(folder, ignore_errors=True)

    elif server_path:
        source = allowed_path(server_path, folders)

        def clean() -> None:
            return

    else:
        raise InputError("there is nothing to build from; upload a file first")
    options = BuildOptions(
        columns=Columns(text=text, language=language, title=title),
        source_name=source.name,
        detector=builds.detector,
        translations_by=translations,
    )
    return _Request(source, name, options, encoder, clean)


def _rejects(job: Job) -> Any:
    """Return the download button if rows were rejected; the file is copied to where the page may read it."""
    report = job.result
    if not isinstance(report, BuildReport) or report.rejects_path is None or not Path(report.rejects_path).is_file():
        return gr.update(visible=False)
    copy = Path(tempfile.mkdtemp(prefix="searchapp-rejects-")) / f"{report.collection}-rejects.jsonl"
    shutil.copyfile(report.rejects_path, copy)
    return gr.update(value=str(copy), visible=True)


def _error(headline: str, advice: str) -> str:
    return message_view(headline, advice, kind="error")
