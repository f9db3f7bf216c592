"""Mark the words of the query in a text; everything is escaped."""

from __future__ import annotations

from searchapp.text.snippets import Snippet
from ui.views.templates import draw


def marked(excerpt: Snippet) -> str:
    """Render an excerpt as HTML, with its highlighted pieces marked.

    Args:
        excerpt: Pieces of text, each highlighted or not; not yet escaped.
    """
    return draw("marked", pieces=excerpt.pieces)
