"""Render a matrix of query and passage language as a heat map, with a description."""

from __future__ import annotations

from html import escape
from math import log2

from searchapp.evaluation.results import MEAN, Matrix, Results
from searchapp.text.languages import english_name
from ui.views.message import message_view

HIDDEN = (" low", " high")
"""Suffixes of matrices that are the intervals of another one."""


def matrix_names(results: Results) -> list[str]:
    """Return the matrices that can be mapped, those of the whole pool first.

    Args:
        results: Results of an evaluation, with matrices by name.
    """
    names = [name for name in results.matrices if not name.endswith(HIDDEN)]
    order = ("lift", "whole pool", "mAP", "nDCG")
    return sorted(names, key=lambda name: next((row for row, part in enumerate(order) if part in name), len(order)))


def heat_view(results: Results, name: str) -> str:
    """Render one matrix of an evaluation, with a description and the evaluation's other figures.

    Args:
        results: Results of an evaluation, with matrices by name.
        name: Name of the matrix.
    """
    matrix = results.matrices.get(name)
    if matrix is None or not matrix.rows:
        return message_view("There is no such map.", "The evaluation has no figures by language pair under this name.")
    return (
        f'<section class="heat" aria-label="Heat map"><h2>{escape(name)}</h2>'
        f'<p class="verdict">{escape(reading(matrix, name))}</p>{heat_table(results, name)}{_facts(results)}</section>'
    )


def heat_table(results: Results, name: str) -> str:
    """Render the table of a matrix and its scale.

    Args:
        results: Results of an evaluation, with matrices by name.
        name: Name of an existing matrix.
    """
    matrix = results.matrices[name]
    low, high = (results.matrices.get(name + end) for end in HIDDEN)
    centred = name.startswith("lift")
    values = [value for line in matrix.values for value in line if value is not None]
    least, most = (min(values), max(values)) if values else (0.0, 1.0)
    head = "".join(
        f'<th scope="col" title="{escape(english_name(code))}">{escape(code)}</th>' for code in matrix.columns
    )
    body = "".join(
        f'<tr><th scope="row">{_name(row)}</th>'
        + "".join(
            _cell(
                value,
                pair=(row, matrix.columns[place]),
                span=(least, most),
                centred=centred,
                interval=_interval(low, high, line, place),
            )
            for place, value in enumerate(values_)
        )
        + "</tr>"
        for line, (row, values_) in enumerate(zip(matrix.rows, matrix.values, strict=True))
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Query language by passage language">'
        '<table class="heatmap"><caption class="quiet">Rows: language of the query. Columns: language of the passage.'
        "</caption>"
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div>{_scale(least, most, centred)}"
    )


def own_and_other(matrix: Matrix) -> tuple[float, float]:
    """Average a matrix within languages and across them; 0 if there is nothing to average.

    Args:
        matrix: Query language by passage language.
    """
    same: list[float] = []
    other: list[float] = []
    for row, line in zip(matrix.rows, matrix.values, strict=True):
        for column, value in zip(matrix.columns, line, strict=True):
            if value is not None:
                (same if row == column else other).append(value)
    return sum(same) / len(same) if same else 0.0, sum(other) / len(other) if other else 0.0


def reading(matrix: Matrix, name: str) -> str:
    """Describe the map in a sentence: its diagonal compared with the rest.

    Args:
        matrix: Query language by passage language.
        name: Name of the matrix.
    """
    own, rest = own_and_other(matrix)
    if not own or not rest:
        return ""
    if name.startswith("lift"):
        return (
            f"Passages in the query's own language get {own:.1f}× the places of their share; those in another language "
            f"{rest:.1f}×. Without bias both would be 1."
        )
    return f"Within a language {own:.2f} on average, across languages {rest:.2f}."


def results_title(results: Results) -> str:
    """Describe the evaluated system and the task.

    Args:
        results: Results of an evaluation.
    """
    return f"{results.system.name} on {results.task.name}"


def _name(code: str) -> str:
    name = english_name(code)
    return escape(code) if name == code else f"{escape(name)} <small>{escape(code)}</small>"


def _cell(
    value: float | None, *, pair: tuple[str, str], span: tuple[float, float], centred: bool, interval: str
) -> str:
    if value is None:
        return '<td class="none">–</td>'
    heat = _heat(value, span, centred)
    way = "cold" if centred and value < 1 else "hot"
    own = " own" if pair[0] == pair[1] else ""
    hint = f"query {english_name(pair[0])}, passage {english_name(pair[1])}: {value:.3g}{interval}"
    strong = " strong" if heat > 0.72 else ""
    return f'<td class="{way}{own}{strong}" style="--heat:{heat:.2f}" title="{escape(hint)}">{_short(value)}</td>'


def _heat(value: float, span: tuple[float, float], centred: bool) -> float:
    """Return the strength of a cell's colour in [0, 1]; for lifts, the distance from 1 in doublings."""
    if centred:
        return min(1.0, abs(log2(max(value, 0.125))) / 3)
    low, high = span
    return (value - low) / (high - low) if high > low else 0.0


def _interval(low: Matrix | None, high: Matrix | None, line: int, place: int) -> str:
    if low is None or high is None:
        return ""
    ends = low.values[line][place], high.values[line][place]
    return "" if None in ends else f" ({ends[0]:.2g}–{ends[1]:.2g})"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _scale(least: float, most: float, centred: bool) -> str:
    if centred:
        return (
            '<p class="legend"><span><i class="key cold"></i> fewer places than its share</span>'
            '<span><i class="key hot"></i> more</span><span>framed: the query\'s own language</span></p>'
        )
    return (
        f'<p class="legend"><span>light {_short(least)}</span><span>dark {_short(most)}</span>'
        "<span>framed: the query's own language</span></p>"
    )


def _facts(results: Results) -> str:
    bias = [(name, values.get(MEAN), results.unbiased.get(name)) for name, values in results.bias.items()]
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{_short(value)}"
        f"{f' <small>without bias {_short(ideal)}</small>' if ideal is not None else ''}</dd></div>"
        for name, value, ideal in bias
        if value is not None
    )
    main = results.main
    best = (
        f"<div><dt>{escape(main[0])} {escape(results.task.main_measure)}</dt><dd>{_short(main[1])}</dd></div>"
        if main
        else ""
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in results.notes)
    return (
        f'<dl class="facts">{best}{rows}</dl><details><summary>How to read this: {results.task.asked}, '
        f'{results.task.passages:,} passages</summary><ul class="quiet">{notes}</ul></details>'
    )
