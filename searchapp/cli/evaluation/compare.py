"""Test whether two systems differ: `searchapp eval compare`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from searchapp.cli.output import AsJson

if TYPE_CHECKING:
    from searchapp.evaluation.comparison import Comparison


def compare(
    first: Annotated[Path, typer.Argument(help="results.json of A, or its folder.")],
    second: Annotated[Path, typer.Argument(help="results.json of B, or its folder.")],
    measure: Annotated[
        list[str] | None,
        typer.Option(
            help="Such as 'Mul mAP', 'Cr nDCG@10', 'rank distance', LPR; default: the main one and rank distance."
        ),
    ] = None,
    method: Annotated[str, typer.Option(help="randomisation or bootstrap.")] = "randomisation",
    samples: Annotated[int, typer.Option(min=100, help="Random draws.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the random draws.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Test whether B differs from A: paired, per query language, with Holm's correction.

    `searchapp eval compare results/a results/b`
    """
    from searchapp.cli.output import console, print_json
    from searchapp.errors import ConfigurationError
    from searchapp.evaluation.biases import RANK_DISTANCE
    from searchapp.evaluation.comparison import compare as test
    from searchapp.evaluation.report.tables import comparison_table, system_name
    from searchapp.evaluation.report.terminal import rich_table
    from searchapp.evaluation.results import load_per_query, load_results

    if method not in ("randomisation", "bootstrap"):
        raise ConfigurationError(f"unknown method {method!r}; use randomisation or bootstrap")
    results = [load_results(path) for path in (first, second)]
    if results[0].task.digest != results[1].task.digest:
        raise ConfigurationError(
            f"A was evaluated on {results[0].task.name} ({results[0].task.digest}), B on {results[1].task.name} "
            f"({results[1].task.digest}): evaluate both on the same data"
        )
    values = [load_per_query(path) for path in (first, second)]
    if measure is None:
        main = [f"{results[0].main[0]} {results[0].task.main_measure}"] if results[0].main else []
        measure = main + [name for name in (RANK_DISTANCE,) if all(name in side.values for side in values)]
    found = {
        name: test(values[0], values[1], measure=name, method="bootstrap" if method == "bootstrap" else "randomisation",
                   samples=samples, seed=seed)
        for name in measure
    }  # fmt: skip
    unbiased = results[0].unbiased
    if as_json:
        rows = {name: _rows(name, table, unbiased=unbiased.get(name)) for name, table in found.items()}
        print_json({"A": system_name(results[0]), "B": system_name(results[1]), "method": method, "measures": rows})
        return
    console.print(f"A: {system_name(results[0])}\nB: {system_name(results[1])}", markup=False, highlight=False)
    for name, table in found.items():
        console.print(rich_table(comparison_table(table, unbiased=unbiased.get(name))))


def _rows(measure: str, table: Sequence[Comparison], *, unbiased: float | None) -> list[dict[str, Any]]:
    """Convert the comparisons of a measure to plain values, with their differences and verdicts."""
    from searchapp.evaluation.directions import verdict

    return [
        asdict(row)
        | {
            "difference": row.difference,
            "verdict": verdict(measure, row.first, row.second, unbiased=unbiased) if row.significant else "unclear",
        }
        for row in table
    ]
