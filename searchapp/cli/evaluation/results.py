"""Show results on the terminal and export them to other formats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from searchapp.evaluation.evaluate import Evaluation
    from searchapp.evaluation.results import Results


def export(evaluation: Evaluation, *, trec: Path | None, mteb: Path | None) -> None:
    """Write a TREC run with its qrels and an MTEB-style result, if requested.

    Args:
        evaluation: The finished evaluation.
        trec: Path of the run; its qrels are written next to it with `.qrels` appended. None to write neither.
        mteb: Path of the JSON file in MTEB's layout; None to write none.
    """
    if trec is not None:
        from searchapp.evaluation.trec import write_qrels, write_run

        write_run(trec, evaluation)
        write_qrels(trec.with_name(trec.name + ".qrels"), evaluation.index.task)
    if mteb is not None:
        from searchapp.evaluation.mteb_results import write_mteb_result

        write_mteb_result(mteb, evaluation.results)


def show(results: Results) -> None:
    """Print the figures by language, then those of mixed queries and of the stages, if there are any.

    Args:
        results: Results of one evaluation.
    """
    from searchapp.cli.output import console
    from searchapp.evaluation.report.tables import language_table, robustness_table, stage_table, system_name
    from searchapp.evaluation.report.terminal import rich_table

    seconds = sum(results.timings.values())
    console.print(
        f"{system_name(results)} on {results.task.name}: {results.task.queries:,} queries, "
        f"{results.task.passages:,} passages, {seconds:.1f} s",
        markup=False,
        highlight=False,
    )
    for table in (language_table(results), robustness_table(results.robustness), stage_table(results.stages)):
        if table.rows:
            console.print(rich_table(table))
