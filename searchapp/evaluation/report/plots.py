"""Draw the plots of a report as SVG; needs matplotlib."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from searchapp.errors import MissingExtraError
from searchapp.evaluation.biases import RANK_DISTANCE
from searchapp.evaluation.report.tables import SETTINGS, number, system_name
from searchapp.evaluation.results import MEAN, Matrix, Results
from searchapp.evaluation.robustness import MONOLINGUAL_END

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette, which colour-blind readers can distinguish.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")


def heat_map(title: str, matrix: Matrix, *, neutral: float | None = None) -> str:
    """Draw a value for each query language (rows) and passage language (columns).

    Args:
        title: Title above the map.
        matrix: Value per query language (row) and passage language (column).
        neutral: A neutral value (a lift of 1) at the centre of the colours, on a logarithmic scale.
    """
    values = matrix.array()
    rows, columns = values.shape
    figure, axes = _figure(width=1.5 + 0.55 * columns, height=1.2 + 0.38 * rows)
    if neutral is None:
        shades, colours = values, "YlGnBu"
        least: float | None = None
        most: float | None = None
    else:
        with np.errstate(divide="ignore"):
            shades = np.log2(values / neutral)
        most = min(3.0, float(np.max(np.abs(shades[np.isfinite(shades)]), initial=1.0)))
        least, colours = -most, "RdBu_r"
    picture = axes.imshow(shades, cmap=colours, vmin=least, vmax=most, aspect="auto")
    axes.set_xticks(range(columns), matrix.columns)
    axes.set_yticks(range(rows), matrix.rows)
    axes.set_xlabel("passage language")
    axes.set_ylabel("query language")
    axes.set_title(title)
    for row in range(rows):
        for column in range(columns):
            if np.isfinite(values[row, column]):
                red, green, blue, _ = picture.cmap(picture.norm(shades[row, column]))
                dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.55
                text = _short(values[row, column])
                axes.text(column, row, text, ha="center", va="center", fontsize=8, color="white" if dark else "black")
    return _svg(figure)


def language_bars(results: Results) -> str:
    """Draw the main measure in every setting by query language.

    Args:
        results: Results of one evaluation.

    Returns:
        The plot as SVG.
    """
    measure = results.task.main_measure
    series = {}
    for setting in SETTINGS:
        found = results.figures.get(setting, {})
        values = {name: figures[measure] for name, figures in found.items() if name != MEAN and measure in figures}
        if values:
            series[setting] = values
    return _bars(series, title=f"{measure} by query language", label=measure)


def rank_distance_bars(results: Results) -> str:
    """Draw the rank distance by query language, with its minimum.

    Args:
        results: Results of one evaluation that measured the rank distance.

    Returns:
        The plot as SVG.
    """
    values = {name: value for name, value in results.bias[RANK_DISTANCE].items() if name != MEAN}
    least = results.unbiased.get(RANK_DISTANCE)
    return _bars({RANK_DISTANCE: values}, title="Rank distance by query language", label="ranks", line=least)


def quality_against_bias(all_results: Sequence[Results]) -> str | None:
    """Plot quality against rank distance by system, or by query language for one system; None if either is missing.

    Args:
        all_results: Results of at least one evaluation, all of the same task.

    Returns:
        The plot as SVG.
    """
    points: dict[str, tuple[float, float]] = {}
    one = all_results[0]
    if len(all_results) == 1 and one.main is not None and RANK_DISTANCE in one.bias:
        figures = one.figures[one.main[0]]
        for name, distance in one.bias[RANK_DISTANCE].items():
            if name != MEAN and name in figures:
                points[name] = (distance, figures[name][one.task.main_measure])
    else:
        for results in all_results:
            if results.main is not None and RANK_DISTANCE in results.bias:
                points[system_name(results)] = (results.bias[RANK_DISTANCE][MEAN], results.main[1])
    if len(points) < 2 or one.main is None:
        return None
    figure, axes = _figure(width=7.0, height=4.6)
    axes.scatter(*zip(*points.values(), strict=True), s=48, color=COLOURS[0], zorder=3)
    for name, side in _label_sides(points).items():
        across, up = 7 if side % 2 == 0 else -7, 4 if side < 2 else -10
        align = "left" if across > 0 else "right"
        axes.annotate(name, points[name], xytext=(across, up), textcoords="offset points", fontsize=9, ha=align)
    axes.set_xlabel("rank distance (less is fairer)")
    axes.set_ylabel(f"{one.main[0]} {one.task.main_measure}")
    axes.set_title("Quality against bias, by " + ("system" if len(all_results) > 1 else "query language"))
    axes.margins(x=0.12, y=0.12)
    axes.grid(alpha=0.3)
    return _svg(figure)


def _label_sides(points: Mapping[str, tuple[float, float]]) -> dict[str, int]:
    """Return the corner at which each label is farthest from other points and labels: 0 to 3, upper right first."""
    places = np.array(list(points.values()))
    scaled = (places - places.min(axis=0)) / np.maximum(np.ptp(places, axis=0), 1e-12)
    corners = np.array([(0.05, 0.03), (-0.05, 0.03), (0.05, -0.04), (-0.05, -0.04)])
    taken = list(scaled)
    sides = {}
    for place, name in enumerate(points):
        others = np.array([point for other, point in enumerate(taken) if other != place])
        room = [float(np.abs(others - (scaled[place] + corner)).sum(axis=1).min()) for corner in corners]
        sides[name] = int(np.argmax(room))
        taken.append(scaled[place] + corners[sides[name]])
    return sides


def robustness_bars(robustness: Mapping[str, Mapping[str, float]]) -> str:
    """Draw mAP and rank distance of mixed-language queries next to those of the monolingual queries they consist of.

    Args:
        robustness: Kind of query -> measure -> value, as in `Results.robustness`.

    Returns:
        The plot as SVG.
    """
    kinds = [name for name in robustness if not name.endswith(MONOLINGUAL_END)]
    figure, axes = _figure(width=9.0, height=3.9, panels=2)
    for panel, measure in zip(axes, ("mAP", RANK_DISTANCE), strict=True):
        for offset, (label, end) in enumerate((("monolingual", MONOLINGUAL_END), ("mixed", ""))):
            heights = [robustness.get(kind + end, {}).get(measure, np.nan) for kind in kinds]
            bars = panel.bar(
                np.arange(len(kinds)) + (offset - 0.5) * 0.38, heights, width=0.36, label=label, color=COLOURS[offset]
            )
            panel.bar_label(bars, [_short(height) for height in heights], fontsize=8, padding=2)
        panel.set_xticks(range(len(kinds)), [kind.replace(", ", ",\n") for kind in kinds], fontsize=8)
        panel.set_title(measure)
        panel.margins(y=0.15)
        panel.grid(axis="y", alpha=0.3)
    axes[0].legend(fontsize=8, frameon=False)
    return _svg(figure)


def _bars(series: Mapping[str, Mapping[str, float]], *, title: str, label: str, line: float | None = None) -> str:
    languages = sorted({language for values in series.values() for language in values})
    figure, axes = _figure(width=max(6.0, 1.5 + 0.75 * len(languages)), height=3.8)
    width = 0.8 / max(1, len(series))
    for place, (name, values) in enumerate(series.items()):
        offsets = np.arange(len(languages)) + (place - (len(series) - 1) / 2) * width
        heights = [values.get(language, np.nan) for language in languages]
        axes.bar(offsets, heights, width=width * 0.94, label=name, color=COLOURS[place])
    if line is not None:
        axes.axhline(line, color="black", linewidth=1, linestyle="--", label=f"least possible: {number(line)}")
    axes.set_xticks(range(len(languages)), languages)
    axes.set_ylabel(label)
    axes.set_title(title)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    if len(series) > 1 or line is not None:
        axes.legend(fontsize=9, frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.1))
    return _svg(figure)


def _short(value: float) -> str:
    if not np.isfinite(value):
        return ""
    if abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.1f}"


def _figure(*, width: float, height: float, panels: int = 1) -> tuple[Figure, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError(feature="the plots of a report", extra="eval") from error
    # Not pyplot, which keeps figures in a global list and selects a display.
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(1, panels)


def _svg(figure: Figure) -> str:
    import matplotlib

    stream = io.StringIO()
    # A fixed salt and no date, so that equal results give equal files.
    with matplotlib.rc_context({"svg.hashsalt": "searchapp", "svg.fonttype": "path"}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    body = text[text.index("<svg") :]
    # At most as wide as drawn, and narrower on a narrow page: the viewBox keeps the proportions.
    width = f'style="width: {figure.get_figwidth():.2f}in"'
    return re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', rf"\1 {width}", body, count=1)
