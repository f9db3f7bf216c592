"""Render HTML from the page's templates; every value is escaped."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from searchapp.text.languages import english_name, native_name
from ui.views.parts import hue, percent, text_direction
from ui.wording import Wording

_ENVIRONMENT = Environment(
    loader=PackageLoader("ui", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.globals.update(
    english_name=english_name, hue=hue, own_name=native_name, percent=percent, text_direction=text_direction
)


def draw(template: str, say: Wording | None = None, **values: object) -> str:
    """Render a template.

    Args:
        template: Its name in `ui/templates`, without the suffix.
        say: The page's texts, available to the template as `say`; None for a template without any.
        values: Values for the template. Strings are escaped unless marked by `html`.
    """
    return _ENVIRONMENT.get_template(f"{template}.html").render(say=say, **values)


def html(drawn: str) -> Markup:
    """Mark rendered HTML of another view, so that a template does not escape it.

    Args:
        drawn: HTML in which all external text is already escaped.
    """
    return Markup(drawn)  # noqa: S704 - of our own views
