"""Mark the words of the query in a text; everything is escaped."""

from __future__ import annotations

from html import escape

from searchapp.text.snippets import Snippet


def marked(excerpt: Snippet) -> str:
    """Render an excerpt as HTML, with its highlighted pieces marked.

    Args:
        excerpt: Pieces of text, each highlighted or not; not yet escaped.
    """
    return "".join(
        f"<mark>{escape(text)}</mark>" if highlighted else escape(text) for text, highlighted in excerpt.pieces
    )
