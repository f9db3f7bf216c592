"""Fail a CI job when quality falls or language bias rises: `searchapp eval gate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from searchapp.cli.output import AsJson

GATE_FAILED = 10
"""Exit code if the candidate is worse than allowed."""


def gate(
    candidate: Annotated[Path, typer.Argument(help="results.json to check, or its folder.")],
    baseline: Annotated[Path, typer.Option(help="results.json to compare with, or its folder.")],
    max_map_drop: Annotated[
        float | None, typer.Option(help="Allowed fall of the main measure (0.01 is a point).")
    ] = None,
    max_language_map_drop: Annotated[float | None, typer.Option(help="The same, in any one query language.")] = None,
    max_rank_distance_rise: Annotated[float | None, typer.Option(help="Allowed rise of the rank distance.")] = None,
    max_lpr_rise: Annotated[float | None, typer.Option(help="Allowed rise of LPR.")] = None,
    max_lift_rise: Annotated[float | None, typer.Option(help="Allowed rise of the own language's lift.")] = None,
    as_json: AsJson = False,
) -> None:
    """Exit with code 10 if the candidate is worse than the baseline by more than allowed.

    `searchapp eval gate results/new --baseline results/main --max-map-drop 0.005 --max-rank-distance-rise 5`
    """
    from searchapp.cli.output import console, errors, print_json
    from searchapp.evaluation.gate import Limits, check_gate
    from searchapp.evaluation.results import load_results

    limits = Limits(
        map_drop=max_map_drop,
        language_map_drop=max_language_map_drop,
        rank_distance_rise=max_rank_distance_rise,
        preference_rise=max_lpr_rise,
        lift_rise=max_lift_rise,
    )
    checks = check_gate(load_results(candidate), load_results(baseline), limits)
    failed = [check for check in checks if not check.passed]
    if as_json:
        rows = [
            {
                "name": check.name,
                "baseline": check.baseline,
                "candidate": check.candidate,
                "worsening": check.worsening,
                "limit": check.limit,
                "passed": check.passed,
            }
            for check in checks
        ]
        print_json({"passed": not failed, "checks": rows})
    else:
        for check in checks:
            where = console if check.passed else errors
            where.print(
                f"{'passed' if check.passed else 'FAILED'}  {check}", markup=False, highlight=False, soft_wrap=True
            )
    if failed:
        raise typer.Exit(GATE_FAILED)
