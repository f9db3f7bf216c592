"""Render a matrix of query and passage language as a heat map, with a description."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from searchapp.evaluation.results import MEAN, Matrix, Results
from searchapp.text.languages import english_name
from ui.views.message import message_view
from ui.views.templates import draw, html

HIDDEN = (" low", " high")
"""Suffixes of matrices that are the intervals of another one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the map.

    Attributes:
        shown: The figure as it is shown.
        heat: Strength of its colour, 0 to 1.
        cold: Whether it is a lift below 1.
        own: Whether query and passage have the same language.
        hint: Tooltip.
    """

    shown: str
    heat: float
    cold: bool
    own: bool
    hint: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of the evaluation, and its value without bias if that is known."""

    name: str
    value: str
    unbiased: str | None


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
    return draw(
        "heat",
        name=name,
        said=reading(matrix, name),
        table=html(heat_table(results, name)),
        facts=_facts(results),
        task=results.task,
        notes=results.notes,
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
    lines = [
        (
            row,
            [
                _cell(
                    value,
                    pair=(row, matrix.columns[place]),
                    span=(least, most),
                    centred=centred,
                    interval=_interval(low, high, line, place),
                )
                for place, value in enumerate(cells)
            ],
        )
        for line, (row, cells) in enumerate(zip(matrix.rows, matrix.values, strict=True))
    ]
    return draw(
        "heat_table",
        columns=matrix.columns,
        lines=lines,
        centred=centred,
        least=_short(least),
        most=_short(most),
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


def _cell(
    value: float | None, *, pair: tuple[str, str], span: tuple[float, float], centred: bool, interval: str
) -> Cell | None:
    if value is None:
        return None
    return Cell(
        shown=_short(value),
        heat=_heat(value, span, centred),
        cold=centred and value < 1,
        own=pair[0] == pair[1],
        hint=f"query {english_name(pair[0])}, passage {english_name(pair[1])}: {value:.3g}{interval}",
    )


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


def _facts(results: Results) -> list[Fact]:
    """Return the main figure, if there is one, and the mean of each bias."""
    main = results.main
    facts = [Fact(f"{main[0]} {results.task.main_measure}", _short(main[1]), None)] if main else []
    for name, values in results.bias.items():
        value, ideal = values.get(MEAN), results.unbiased.get(name)
        if value is not None:
            facts.append(Fact(name, _short(value), None if ideal is None else _short(ideal)))
    return facts
