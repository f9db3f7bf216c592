"""Lay out the bias lab: heat maps of evaluations, counterfactual probes, and ranks of passages with the same content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from searchapp.datatypes import Tell
from searchapp.evaluation.results import Results
from ui.jobs import Jobs
from ui.lab import evaluate, read_results, read_translations, result_files, standings, tasks
from ui.pool import Pool
from ui.safety import allowed_path, checked_upload, guarded
from ui.state import Settings, checked
from ui.views.heat import heat_view, matrix_names, results_title
from ui.views.jobs import job_view
from ui.views.message import message_view
from ui.views.parallel import parallel_view
from ui.views.probe import probe_view
from ui.views.templates import draw

TICK = 0.3
EXAMPLE = "why do leaves look green"
QUESTION = "why do the northern lights glow green"
QUESTION_ELSEWHERE = {
    "de": "warum leuchten Polarlichter grün",
    "es": "por qué brillan de verde las auroras boreales",
    "ru": "почему полярное сияние светится зелёным",
    "ar": "لماذا يتوهج الشفق القطبي باللون الأخضر",
    "ja": "オーロラはなぜ緑色に光るのか",
}
QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def make_lab_tab(pool: Pool, jobs: Jobs, *, folders: Sequence[Path] = ()) -> list[Any]:
    """Lay out the tab and connect its events; return its collection choices.

    Args:
        pool: Provides the clients of the collections; the caller keeps it open while the page is served.
        jobs: Runs the evaluations.
        folders: Folders on the server whose tasks and evaluations may be used.
    """
    names = pool.names()
    with gr.Row(elem_id="lab-setting", elem_classes="sheet"):
        collection = gr.Dropdown(
            names,
            value=pool.default or None,
            label="Collection",
            info="Choose the collection to measure.",
            visible=len(names) > 1,
            filterable=False,
            elem_id="lab-collection",
        )
        mode = gr.Radio(
            [("Hybrid", "hybrid"), ("Meaning", "dense"), ("Words", "lexical")],
            value="hybrid",
            label="Search by",
            info="Choose what to measure: both legs, or one.",
            elem_classes="segments",
            elem_id="lab-mode",
        )
        balance = gr.Slider(
            0,
            1,
            value=0,
            step=0.05,
            label="Mix languages: relevance ↔ equal",
            info="How mixing changes the figures.",
            elem_id="lab-balance",
        )
    setting = [collection, mode, balance]
    with gr.Tabs(elem_id="lab-tabs", overflow_behavior="wrap"):
        with gr.Tab("Heat map", id="heat"):
            _make_heat(pool, jobs, folders=folders, setting=setting)
        with gr.Tab("Probe", id="probe"):
            _make_probe(pool, setting=setting)
        with gr.Tab("Parallel passages", id="parallel"):
            _make_parallel(pool, setting=setting)
    return [collection]


def parallel(pool: Pool, collection: str, settings: Settings) -> str:
    """Render the ranks of the best hit and its translations as HTML.

    Args:
        pool: Provides the client.
        collection: Name of the collection; empty for the default one.
        settings: Query and its settings; a blank query returns the hint.
    """
    if not settings.query.strip():
        return _parallel_hint()

    def work() -> str:
        found, depth = standings(pool.client(collection), settings)
        return parallel_view(settings.query, found, depth=depth)

    return guarded(work, said=_error, headline="This did not work.")


def _make_heat(pool: Pool, jobs: Jobs, *, folders: Sequence[Path], setting: Sequence[Any]) -> None:
    known = tasks(folders)
    files = result_files(folders)
    with gr.Row(elem_id="heat-form"):
        with gr.Column(elem_classes="sheet", min_width=280):
            gr.HTML(
                "<h2>Run an evaluation</h2><p class='quiet'>Searches for every query of a task with the settings above.</p>",
                apply_default_css=False,
                elem_classes="form-head",
            )
            task = gr.Dropdown(
                list(known), value=next(iter(known)), label="Task", info="Queries with known answers.", elem_id="lab-task",
                filterable=False,
            )  # fmt: skip
            run = gr.Button("Run", variant="primary", elem_id="lab-run", elem_classes="primary")
        with gr.Column(elem_classes="sheet", min_width=280):
            gr.HTML(
                "<h2>Or load one</h2><p class='quiet'>The results.json that <code>searchapp eval encoder --output</code> "
                "wrote.</p>",
                apply_default_css=False,
                elem_classes="form-head",
            )
            upload = gr.File(label="results.json", file_types=[".json"], height=130, elem_id="lab-upload")
            stored = gr.Dropdown(
                files, value=None, label="On this server", info="From the allowed folders.", visible=bool(files)
            )
    progress = gr.HTML("", elem_id="lab-progress", apply_default_css=False)
    measure = gr.Dropdown(
        [],
        label="Map",
        info="Choose the measure that the colours show.",
        visible=False,
        elem_id="lab-measure",
        filterable=False,
    )
    output = gr.HTML(_heat_hint(), elem_id="heat", apply_default_css=False)
    timer = gr.Timer(TICK, active=False)
    mine, results = gr.State(0), gr.State(None)

    def begin(task_name: str, *values: Any) -> list[Any]:
        def work() -> list[Any]:
            settings = _settings("", values)
            client = pool.client(str(values[0] or ""))

            def measured(tell: Tell) -> Results:
                return evaluate(client, settings, task=task_name, folders=known, tell=tell)

            number = jobs.start("evaluation", f"Asking the queries of {task_name}", measured)
            return [number, job_view(jobs.get(number)), gr.update(active=True)]

        return guarded(work, said=lambda *said: [0, _error(*said), gr.update(active=False)])

    def look(number: int) -> list[Any]:
        job = jobs.get(number)
        if job is None or job.state == "running":
            return [job_view(job), gr.update(active=job is not None), *[gr.skip()] * 3]
        if not isinstance(job.result, Results):
            return [job_view(job), gr.update(active=False), *[gr.skip()] * 3]
        return [_done(job.result), gr.update(active=False), *_shown(job.result)]

    def load(path: str | None, *, server: bool) -> list[Any]:
        def work() -> list[Any]:
            if not path:
                return [gr.skip()] * 4
            file = allowed_path(path, folders) if server else checked_upload(path, suffixes=(".json",))
            found = read_results(file)
            return [_done(found), *_shown(found)]

        return guarded(work, said=lambda *said: [_error(*said), *[gr.skip()] * 3], headline="This file was not read.")

    shown = [results, measure, output]
    run.click(begin, [task, *setting], [mine, progress, timer], api_name="page_evaluate", **QUICK)
    timer.tick(look, mine, [progress, timer, *shown], api_name="page_evaluate_look", **QUICK)
    upload.upload(lambda path: load(path, server=False), upload, [progress, *shown], api_name="page_results", **QUICK)
    stored.input(lambda path: load(path, server=True), stored, [progress, *shown], api_name="page_stored", **QUICK)
    measure.input(
        lambda found, name: heat_view(found, name) if isinstance(found, Results) else _heat_hint(),
        [results, measure],
        output,
        api_name="page_map",
        **QUICK,
    )


def probe(pool: Pool, collection: str, settings: Settings, translations: str) -> str:
    """Render the comparison of a question and its translations as HTML.

    Args:
        pool: Provides the client.
        collection: Name of the collection; empty for the default one.
        settings: Query and its settings; a blank query returns the hint.
        translations: Lines such as `de: the question`, one language each.
    """
    if not settings.query.strip():
        return _probe_hint()

    def work() -> str:
        found = pool.client(collection).probe(
            settings.query, read_translations(translations), mode=settings.mode, ranking=settings.ranking
        )
        return probe_view(found)

    return guarded(work, said=_error, headline="This probe did not work.")


def _make_probe(pool: Pool, *, setting: Sequence[Any]) -> None:
    with gr.Column(elem_classes="sheet"):
        query = gr.Textbox(
            label="Question",
            value=QUESTION,
            info="In one language.",
            max_length=10_000,
            lines=1,
            max_lines=1,
            elem_id="probe-query",
        )
        translations = gr.Textbox(
            label="The same question in other languages",
            info="One per line, after its language code; each is searched and its result compared with yours.",
            value="\n".join(f"{code}: {text}" for code, text in QUESTION_ELSEWHERE.items()),
            lines=5,
            max_lines=12,
            max_length=20_000,
            elem_id="probe-translations",
        )
        ask = gr.Button("Probe", variant="primary", elem_id="probe-button", elem_classes="primary")
    output = gr.HTML(_probe_hint(), elem_id="probe", apply_default_css=False)

    def probed(text: str, lines: str, *values: Any) -> str:
        return probe(pool, str(values[0] or ""), _settings(text, values), lines)

    gr.on(
        [query.submit, ask.click, setting[1].input, setting[2].input],
        probed,
        [query, translations, *setting],
        output,
        api_name="page_probe",
        trigger_mode="always_last",
        **QUICK,
    )


def _make_parallel(pool: Pool, *, setting: Sequence[Any]) -> None:
    gr.HTML(
        "<p class='quiet'>The best hit of a query and its translations: without bias they would be next to each other.</p>",
        apply_default_css=False,
    )
    query = gr.Textbox(
        label="Query for parallel passages",
        show_label=False,
        value="",
        placeholder=f"Such as: {EXAMPLE}",
        max_length=10_000,
        submit_btn="Measure",
        lines=1,
        max_lines=1,
        elem_id="parallel-query",
        elem_classes="asking",
    )
    output = gr.HTML(_parallel_hint(), elem_id="parallel", apply_default_css=False)

    def measured(text: str, *values: Any) -> str:
        return parallel(pool, str(values[0] or ""), _settings(text, values))

    gr.on(
        [query.submit, setting[1].input, setting[2].input],
        measured,
        [query, *setting],
        output,
        api_name="page_parallel",
        trigger_mode="always_last",
        **QUICK,
    )


def _settings(query: str, values: Sequence[Any]) -> Settings:
    return checked({"query": query, "mode": values[1], "balance": values[2]})


def _shown(results: Results) -> list[Any]:
    names = matrix_names(results)
    if not names:
        return [
            results,
            gr.update(visible=False),
            message_view("No map.", "This evaluation has no figures by language pair."),
        ]
    return [results, gr.update(choices=names, value=names[0], visible=True), heat_view(results, names[0])]


def _done(results: Results) -> str:
    return draw("evaluated", title=results_title(results))


def _error(headline: str, advice: str) -> str:
    return message_view(headline, advice, kind="error")


def _heat_hint() -> str:
    return message_view(
        "Where does quality go?", "Run an evaluation, or load one, to see query language against passage language."
    )


def _probe_hint() -> str:
    return message_view(
        "What if you had asked in another language?", "Press Probe to search for the question in each language."
    )


def _parallel_hint() -> str:
    return message_view(
        "Side by side, or far apart?", "Ask something to see where each language's version of the best hit stands."
    )
