"""Write a report as one self-contained web page with tables and plots as inline SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from searchapp.errors import MissingExtraError
from searchapp.evaluation.biases import RANK_DISTANCE
from searchapp.evaluation.figures import WITHIN
from searchapp.evaluation.report import plots
from searchapp.evaluation.report.tables import LEGEND, Table, all_tables, matrix_table, system_name, systems_table
from searchapp.evaluation.results import Results

if TYPE_CHECKING:
    from jinja2 import Template

CAPTIONS = {
    "within": "Each passage language alone: the diagonal is Mo (monolingual), the rest Cr (cross-lingual).",
    "pool": "Share of the relevant passages of each language found by the ranking of all languages together. Equal "
    "columns in a row mean that the answer's language does not matter.",
    "lift": "Share of a passage language among the first hits divided by its share of the pool: 1 is neutral, red is too "
    "many, blue too few.",
    "scatter": "Up is better, left is fairer.",
    "robust": "The same questions asked in one language and in several at once.",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot as inline SVG, and a caption in plain text."""

    svg: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The part of the page about one evaluated system.

    Attributes:
        blocks: Tables and plots in the order of the page.
        matrices: All language matrices.
        facts: How the evaluation was run.
    """

    name: str
    blocks: tuple[Table | Figure, ...]
    matrices: tuple[Table, ...]
    facts: dict[str, str]


def html_report(all_results: Sequence[Results]) -> str:
    """Write all results of one or more evaluations of the same task as one page.

    Args:
        all_results: Results of at least one evaluation.

    Returns:
        The page as HTML.

    Raises:
        MissingExtraError: matplotlib or Jinja2 is not installed.
    """
    alone = len(all_results) == 1
    return _template().render(
        title=f"{all_results[0].task.name}: {', '.join(map(system_name, all_results))}",
        task=all_results[0].task,
        legend=LEGEND,
        compared=[] if alone else [systems_table(all_results), *_scatter(all_results)],
        systems=[
            Section(system_name(results), tuple(_blocks(results, alone=alone)), _matrices(results), _facts(results))
            for results in all_results
        ],
    )


def _template() -> Template:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise MissingExtraError(feature="the page of a report", extra="eval") from error
    environment = Environment(
        loader=PackageLoader("searchapp.evaluation.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html")


def _blocks(results: Results, *, alone: bool) -> Iterator[Table | Figure]:
    tables = {table.title: table for table in all_tables(results)}
    yield from _table_if(tables, "By query language")
    yield Figure(plots.language_bars(results))
    if len(results.bias.get(RANK_DISTANCE, {})) > 1:
        yield Figure(plots.rank_distance_bars(results))
    if alone:
        yield from _scatter([results])
    yield from _heat_maps(results)
    yield from _table_if(tables, "Mixed-language queries")
    if results.robustness:
        yield Figure(plots.robustness_bars(results.robustness), CAPTIONS["robust"])
    yield from _table_if(tables, "By stage of the pipeline")
    yield from _table_if(tables, "Quality")
    yield from _table_if(tables, "Language bias")


def _table_if(tables: dict[str, Table], title: str) -> Iterator[Table]:
    if title in tables:
        yield tables[title]


def _heat_maps(results: Results) -> Iterator[Figure]:
    for name, matrix in results.matrices.items():
        if len(matrix.rows) < 2 and len(matrix.columns) < 2:
            continue
        if name == f"{results.task.main_measure} {WITHIN}":
            yield Figure(plots.heat_map(name, matrix), CAPTIONS["within"])
        elif name.startswith("R@") and name.endswith("in the whole pool"):
            yield Figure(plots.heat_map(name, matrix), CAPTIONS["pool"])
        elif name.startswith("lift@") and not name.endswith((" low", " high")):
            yield Figure(plots.heat_map(name, matrix, neutral=1.0), CAPTIONS["lift"])


def _scatter(all_results: Sequence[Results]) -> Iterator[Figure]:
    drawn = plots.quality_against_bias(all_results)
    if drawn is not None:
        yield Figure(drawn, CAPTIONS["scatter"])


def _matrices(results: Results) -> tuple[Table, ...]:
    return tuple(matrix_table(name, matrix) for name, matrix in results.matrices.items())


def _facts(results: Results) -> dict[str, str]:
    """Return how the evaluation was run, without empty facts."""
    system = results.system
    facts = {
        "system": f"{system.kind} {system.name}",
        "fingerprint": system.fingerprint,
        "dimension": str(system.dimension or ""),
        **{name: str(value) for name, value in system.settings.items()},
        "task digest": results.task.digest,
        "command": results.command,
        "created": results.created,
        **{f"seconds: {name}": f"{seconds:.2f}" for name, seconds in results.timings.items()},
        **results.environment,
    }
    return {name: value for name, value in facts.items() if value}
