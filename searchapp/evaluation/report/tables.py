"""Build the tables of a report, for any output format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from searchapp.evaluation.biases import LPR, RANK_DISTANCE
from searchapp.evaluation.comparison import Comparison
from searchapp.evaluation.directions import verdict
from searchapp.evaluation.results import MEAN, Matrix, Results
from searchapp.evaluation.robustness import MONOLINGUAL_END, QUERIES
from searchapp.text.languages import english_name

SETTINGS = ("Mo", "Cr", "Mul")
LEGEND = (
    "Mo: queries and passages of one language. Cr: passages of one other language. Mul: all languages in one pool. "
    "Rank distance: ranks between the first and the last relevant passage of a query. LPR: share of queries whose first "
    "relevant passage is in their own language. TLR: share of the relevant passages in other languages that are found. "
    "Lift: a language's share of the hits divided by its share of the pool."
)
DASH = "–"
GROUP_MEAN = "mean of groups"
PAIRED = (
    "A and B are means over the queries that have a value in both. The last row weights every group of translations "
    "equally; the mean of eval encoder and eval collection weights every language equally, so the two can differ."
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts; the first column names the row.

    Attributes:
        emphasised: Rows with totals or means.
        note: What the reader must know.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    emphasised: frozenset[int] = frozenset()
    note: str = ""


def all_tables(results: Results) -> list[Table]:
    """Build every non-empty table of one evaluation.

    Args:
        results: Results of one evaluation.
    """
    tables = [
        language_table(results),
        quality_table(results),
        bias_table(results),
        robustness_table(results.robustness),
        stage_table(results.stages),
    ]
    return [table for table in tables if table.rows]


def language_table(results: Results) -> Table:
    """Tabulate the main measure by setting, and the per-query bias measures, by query language.

    Args:
        results: Results of one evaluation.
    """
    columns = _quality_columns(results) | _bias_columns(results)
    languages = sorted({language for values in columns.values() for language in values} - {MEAN})
    rows = [
        (_language(language), *(number(values.get(language)) for values in columns.values())) for language in languages
    ]
    rows.append((MEAN, *(number(values.get(MEAN)) for values in columns.values())))
    emphasised = frozenset({len(rows) - 1})
    unbiased = {_shorter(name): value for name, value in results.unbiased.items()}
    if unbiased.keys() & columns.keys():
        rows.append(("without bias", *(number(unbiased.get(name)) for name in columns)))
    return Table(
        title="By query language",
        columns=("query language", *columns),
        rows=tuple(rows) if columns else (),
        emphasised=emphasised,
        note=" ".join(results.notes),
    )


def _quality_columns(results: Results) -> dict[str, dict[str, float]]:
    measure = results.task.main_measure
    wanted = [(setting, measure) for setting in SETTINGS] + [("Mul", f"{measure}@20")]
    columns = {}
    for setting, name in wanted:
        figures = results.figures.get(setting, {})
        values = {language: found[name] for language, found in figures.items() if name in found}
        if values:
            columns[f"{setting} {name}"] = values
    return columns


def _bias_columns(results: Results) -> dict[str, dict[str, float]]:
    return {
        _shorter(name): dict(values)
        for name, values in results.bias.items()
        if len(values) > 1 and (name in (RANK_DISTANCE, LPR) or name.startswith(("TLR@", "lift@")))
    }


def _shorter(name: str) -> str:
    return name.replace(" of the own language", ", own")


def quality_table(results: Results) -> Table:
    """Tabulate all quality measures by setting, averaged over languages.

    Args:
        results: Results of one evaluation.
    """
    settings = [setting for setting in SETTINGS if setting in results.figures]
    measures: dict[str, None] = {}
    for setting in settings:
        measures |= dict.fromkeys(results.figures[setting].get(MEAN, {}))
    rows = [(name, *(number(results.figure(setting, name)) for setting in settings)) for name in measures]
    return Table(title="Quality", columns=("measure", *settings), rows=tuple(rows))


def bias_table(results: Results) -> Table:
    """Tabulate all bias measures: the mean, the unbiased value, and the languages with the lowest and highest value.

    Args:
        results: Results of one evaluation.
    """
    rows = []
    for name, values in results.bias.items():
        languages = {language: value for language, value in values.items() if language != MEAN}
        least = min(languages, key=languages.__getitem__) if languages else None
        most = max(languages, key=languages.__getitem__) if languages else None
        ends = [DASH if end is None else f"{number(languages[end])} ({end})" for end in (least, most)]
        rows.append((name, number(values.get(MEAN)), number(results.unbiased.get(name)), *ends))
    return Table(title="Language bias", columns=("measure", "mean", "without bias", "least", "most"), rows=tuple(rows))


def matrix_table(title: str, matrix: Matrix) -> Table:
    """Tabulate a matrix of query language (rows) and passage language (columns).

    Args:
        title: Title of the table.
        matrix: Figures by language pair; a missing figure is a dash.
    """
    rows = [(name, *(number(value) for value in line)) for name, line in zip(matrix.rows, matrix.values, strict=True)]
    return Table(title=title, columns=("query \\ passage", *matrix.columns), rows=tuple(rows))


def robustness_table(robustness: Mapping[str, Mapping[str, float]]) -> Table:
    """Tabulate mixed-language queries next to the monolingual ones.

    Args:
        robustness: Kind of query -> measure -> value, as in `Results.robustness`.
    """
    columns = list(dict.fromkeys(name for values in robustness.values() for name in values))
    rows = []
    for kind, values in robustness.items():
        label = "– the same, monolingual" if kind.endswith(MONOLINGUAL_END) else kind
        cells = [number(values.get(name)) for name in columns]
        if QUERIES in values:
            cells[columns.index(QUERIES)] = f"{values[QUERIES]:,.0f}"
        rows.append((label, *cells))
    return Table(title="Mixed-language queries", columns=("kind", *columns), rows=tuple(rows))


def stage_table(stages: Mapping[str, Mapping[str, float]]) -> Table:
    """Tabulate the stages of a pipeline with the change that each causes.

    Args:
        stages: Stage -> measure -> value in the order of the pipeline, as in `Results.stages`.
    """
    columns = list(dict.fromkeys(name for values in stages.values() for name in values))
    rows: list[tuple[str, ...]] = []
    before: Mapping[str, float] = {}
    for stage, values in stages.items():
        rows.append((stage, *(number(values.get(name)) for name in columns)))
        if before:
            rows.append(("– change", *(_change(values.get(name), before.get(name)) for name in columns)))
        before = values
    return Table(title="By stage of the pipeline", columns=("stage", *columns), rows=tuple(rows))


def systems_table(all_results: Sequence[Results]) -> Table:
    """Tabulate several systems side by side.

    Args:
        all_results: Results of all systems, on the same task.
    """
    rows = []
    measures: dict[str, None] = {}
    lines: list[tuple[str, dict[str, float]]] = []
    for results in all_results:
        values = {
            f"{setting} {results.task.main_measure}": results.figure(setting, results.task.main_measure)
            for setting in SETTINGS
        }
        values |= {name: results.bias.get(name, {}).get(MEAN) for name in (RANK_DISTANCE, LPR)}
        known = {name: value for name, value in values.items() if value is not None}
        measures |= dict.fromkeys(known)
        lines.append((system_name(results), known))
    for name, known in lines:
        rows.append((name, *(number(known.get(measure)) for measure in measures)))
    return Table(title="Systems", columns=("system", *measures), rows=tuple(rows))


def comparison_table(comparisons: Sequence[Comparison], *, unbiased: float | None = None) -> Table:
    """Tabulate paired tests by language, with a verdict in the direction in which the measure improves.

    Args:
        comparisons: Rows of one measure.
        unbiased: The measure's value for an unbiased ranking, if known.
    """
    rows = [
        (
            GROUP_MEAN if row.language == MEAN else _language(row.language),
            f"{row.pairs:,}",
            number(row.first),
            number(row.second),
            f"{row.difference:+.4f}",
            f"{row.low:+.4f} to {row.high:+.4f}",
            f"{row.corrected:.4f}",
            verdict(row.measure, row.first, row.second, unbiased=unbiased) if row.significant else "unclear",
        )
        for row in comparisons
    ]
    columns = ("query language", "pairs", "A", "B", "B - A", "95 % interval", "p (Holm)", "verdict")
    emphasised = frozenset(place for place, row in enumerate(comparisons) if row.language == MEAN)
    title = comparisons[0].measure if comparisons else "comparison"
    return Table(title=title, columns=columns, rows=tuple(rows), emphasised=emphasised, note=PAIRED)


def system_name(results: Results) -> str:
    """Return the system's display name: the last part of a path, or any other name unchanged.

    Args:
        results: Results of one evaluation.
    """
    name = results.system.name
    if name.startswith(("/", ".", "~")):
        name = name.rstrip("/").rpartition("/")[2]
    return name if results.system.kind == "encoder" else f"{results.system.kind} {name}"


def number(value: float | None) -> str:
    """Format a number with four decimals, fewer if it is large, none if it is whole.

    Args:
        value: The number; None gives a dash.
    """
    if value is None:
        return DASH
    if abs(value) >= 1000 or value == int(value):
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.4f}" if abs(value) >= 1e-4 else f"{value:.1e}"


def _change(value: float | None, before: float | None) -> str:
    if value is None or before is None:
        return DASH
    change = value - before
    return f"{change:+.1f}" if abs(change) >= 10 else f"{change:+.4f}"


def _language(code: str) -> str:
    name = english_name(code)
    return code if name == code else f"{code} {name}"
