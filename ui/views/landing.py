"""Render the landing view: languages of the collection, an example with its finding, and a heat map of the demo."""

from __future__ import annotations

from searchapp.evaluation.results import Results
from searchapp.stores.manifest import Manifest
from ui.landing import Example
from ui.views.finding import finding_view
from ui.views.heat import heat_table, matrix_names, own_and_other
from ui.views.templates import draw, html
from ui.wording import Wording

SHOWN = 40
"""Maximum number of languages that are named."""


def landing_view(manifest: Manifest, say: Wording, *, demo: bool) -> str:
    """Render what is available at once; the page's script requests the rest.

    Args:
        manifest: Manifest of the collection.
        say: Texts in the language of the page.
        demo: Whether there is an example and a map.
    """
    tongues = [(code, say.name(code), f"{count:,}") for code, count in manifest.languages.items()]
    return draw(
        "landing",
        say,
        collection=manifest.collection,
        passages=f"{manifest.points:,}",
        tongues=tongues[:SHOWN],
        more=max(0, len(tongues) - SHOWN),
        demo=demo,
    )


def example_view(example: Example, say: Wording) -> str:
    """Render the example: the query and what its result shows.

    Args:
        example: Query of the demo with its result and finding.
        say: Texts in the language of the page.
    """
    return draw("example", say, query=example.query, finding=html(finding_view(example.finding, say)))


def map_view(results: Results, say: Wording) -> str:
    """Render the heat map of the lift of each language for queries in each language.

    Args:
        results: Evaluation of the demo's queries.
        say: Texts in the language of the page.
    """
    name = next((name for name in matrix_names(results) if name.startswith("lift")), None)
    if name is None:
        return ""
    own, other = own_and_other(results.matrices[name])
    return draw(
        "map",
        say,
        why=say("landing.map.why", own=f"{own:.1f}", other=f"{other:.1f}"),
        table=html(heat_table(results, name)),
    )
