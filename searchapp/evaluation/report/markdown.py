"""Write a report as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from searchapp.evaluation.report.tables import LEGEND, Table, all_tables, matrix_table, system_name, systems_table
from searchapp.evaluation.results import Results


def markdown_table(table: Table) -> str:
    """Format one table, with numbers aligned to the right.

    Args:
        table: The table; its note, if any, follows it.
    """
    lines = [
        _line(table.columns),
        "|" + "|".join(["---", *["---:"] * (len(table.columns) - 1)]) + "|",
        *(
            _line([f"**{cell}**" for cell in row] if place in table.emphasised else row)
            for place, row in enumerate(table.rows)
        ),
    ]
    return "\n".join(lines) + (f"\n\n{table.note}" if table.note else "")


def markdown_report(all_results: Sequence[Results]) -> str:
    """Format all tables of one or more evaluations of the same task.

    Args:
        all_results: Results of at least one evaluation, all of the same task.
    """
    task = all_results[0].task
    parts = [f"# {task.name}", _facts(all_results[0]), LEGEND]
    if len(all_results) > 1:
        table = systems_table(all_results)
        parts += [f"## {table.title}", markdown_table(table)]
    for results in all_results:
        parts.append(f"## {_escape(system_name(results))}")
        parts.append(_system(results))
        for table in all_tables(results):
            parts += [f"### {table.title}", markdown_table(table)]
        for name, matrix in results.matrices.items():
            if not name.endswith((" low", " high")):
                parts += [f"### {name}", markdown_table(matrix_table(name, matrix))]
    return "\n\n".join(parts) + "\n"


def _facts(results: Results) -> str:
    task = results.task
    return (
        f"{task.asked}, {task.passages:,} passages in "
        f"{len(task.passage_languages)} languages, {task.golds:,} relevant pairs; digest `{task.digest}`."
    )


def _system(results: Results) -> str:
    system = results.system
    seconds = sum(results.timings.values())
    stages = ", ".join(f"{name} {value:.1f} s" for name, value in results.timings.items())
    lines = [
        f"- {system.kind} `{system.name}`" + (f", fingerprint `{system.fingerprint}`" if system.fingerprint else ""),
        f"- {results.created}; {seconds:.1f} s ({stages})",
    ]
    if system.settings:
        lines.append("- " + ", ".join(f"{name}: {value}" for name, value in system.settings.items()))
    if results.command:
        lines.append(f"- `{results.command}`")
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_escape(cell) for cell in cells) + " |"


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
