"""Draws HTML from the templates of the page; every value is escaped."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from searchapp.text.languages import native_name
from ui.views.parts import hue, text_direction
from ui.wording import Wording

_ENVIRONMENT = Environment(
    loader=PackageLoader("ui", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals.update(hue=hue, own_name=native_name, text_direction=text_direction)


def draw(template: str, say: Wording, **values: object) -> str:
    """Fill a template.

    Args:
        template: Its name in `ui/templates`, without the suffix.
        say: The page's texts, which the template calls `say`.
        values: What the template shows; strings are escaped, what `html` has marked is not.
    """
    return _ENVIRONMENT.get_template(f"{template}.html").render(say=say, **values)


def html(drawn: str) -> Markup:
    """Mark as HTML what a view of ours has drawn, so that a template takes it as it is.

    Args:
        drawn: The HTML; all that came from outside is escaped in it already.
    """
    return Markup(drawn)  # noqa: S704 - of our own views
