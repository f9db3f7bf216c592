"""Write a report as one self-contained web page with tables and plots as inline SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from searchapp.evaluation.biases import RANK_DISTANCE
from searchapp.evaluation.figures import WITHIN
from searchapp.evaluation.report import plots
from searchapp.evaluation.report.tables import LEGEND, Table, all_tables, matrix_table, system_name, systems_table
from searchapp.evaluation.results import Results

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "Noto Sans", sans-serif; color: #1a1a1a; background: #fff; margin: 0 auto;
  max-width: 68rem; padding: 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { margin: 2.5rem 0 .5rem; border-bottom: 2px solid #0072b2; }
h3 { margin: 1.8rem 0 .4rem; font-size: 1.1rem; }
p.facts, .note { color: #555; } .note { font-size: .9rem; max-width: 48rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .25rem .7rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #e3e3e3; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid #888; }
tr.sum td, tr.sum th { font-weight: 700; border-top: 2px solid #888; } tbody th { font-weight: 400; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
figcaption { font-size: .9rem; color: #555; max-width: 48rem; }
details { margin: .5rem 0; } summary { cursor: pointer; color: #0072b2; }
code { background: #f3f3f3; padding: .1rem .3rem; overflow-wrap: anywhere; }
"""

CAPTIONS = {
    "within": "Each passage language alone: the diagonal is Mo (monolingual), the rest Cr (cross-lingual).",
    "pool": "Share of the relevant passages of each language found by the ranking of all languages together. Equal "
    "columns in a row mean that the answer's language does not matter.",
    "lift": "Share of a passage language among the first hits divided by its share of the pool: 1 is neutral, red is too "
    "many, blue too few.",
    "scatter": "Up is better, left is fairer.",
    "robust": "The same questions asked in one language and in several at once.",
}


def html_report(all_results: Sequence[Results]) -> str:
    """Write all results of one or more evaluations of the same task as one page.

    Args:
        all_results: Results of at least one evaluation.

    Returns:
        The page as HTML.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    task = all_results[0].task
    body = [
        f"<h1>{escape(task.name)}</h1>",
        f'<p class="facts">{task.asked}, {task.passages:,} passages '
        f"in {len(task.passage_languages)} languages, {task.golds:,} relevant pairs.</p>",
        f'<p class="note">{escape(LEGEND)}</p>',
    ]
    if len(all_results) > 1:
        body += [_table(systems_table(all_results), level=2), *_scatter(all_results)]
    for results in all_results:
        body += _system(results, alone=len(all_results) == 1)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(task.name)}: {escape(', '.join(map(system_name, all_results)))}</title>\n"
        f"<style>{STYLE}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _system(results: Results, *, alone: bool) -> Iterator[str]:
    tables = {table.title: table for table in all_tables(results)}
    yield f"<h2>{escape(system_name(results))}</h2>"
    yield from _table_if(tables, "By query language")
    yield _figure(plots.language_bars(results), "")
    if len(results.bias.get(RANK_DISTANCE, {})) > 1:
        yield _figure(plots.rank_distance_bars(results), "")
    if alone:
        yield from _scatter([results])
    yield from _heat_maps(results)
    yield from _table_if(tables, "Mixed-language queries")
    if results.robustness:
        yield _figure(plots.robustness_bars(results.robustness), CAPTIONS["robust"])
    yield from _table_if(tables, "By stage of the pipeline")
    yield from _table_if(tables, "Quality")
    yield from _table_if(tables, "Language bias")
    yield _details(results)


def _table_if(tables: dict[str, Table], title: str) -> Iterator[str]:
    if title in tables:
        yield _table(tables[title], level=3)


def _heat_maps(results: Results) -> Iterator[str]:
    for name, matrix in results.matrices.items():
        if len(matrix.rows) < 2 and len(matrix.columns) < 2:
            continue
        if name == f"{results.task.main_measure} {WITHIN}":
            yield _figure(plots.heat_map(name, matrix), CAPTIONS["within"])
        elif name.startswith("R@") and name.endswith("in the whole pool"):
            yield _figure(plots.heat_map(name, matrix), CAPTIONS["pool"])
        elif name.startswith("lift@") and not name.endswith((" low", " high")):
            yield _figure(plots.heat_map(name, matrix, neutral=1.0), CAPTIONS["lift"])


def _scatter(all_results: Sequence[Results]) -> Iterator[str]:
    drawn = plots.quality_against_bias(all_results)
    if drawn is not None:
        yield _figure(drawn, CAPTIONS["scatter"])


def _details(results: Results) -> str:
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
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td><code>{escape(value)}</code></td></tr>"
        for name, value in facts.items()
        if value
    )
    matrices = "".join(_table(matrix_table(name, matrix), level=3) for name, matrix in results.matrices.items())
    return (
        f"<details><summary>All language matrices</summary>{matrices}</details>"
        f"<details><summary>How it was measured</summary><table><tbody>{rows}</tbody></table></details>"
    )


def _table(table: Table, *, level: int) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "".join(
        f"<tr{' class=sum' if place in table.emphasised else ''}>"
        f'<th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for place, row in enumerate(table.rows)
    )
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return (
        f"<h{level}>{escape(table.title)}</h{level}>"
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}'
    )


def _figure(svg: str, caption: str) -> str:
    text = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f"<figure>{svg}{text}</figure>"
