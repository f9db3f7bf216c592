"""Turn `$$…$$` and `$…$` in the pages into MathML when the site is built, so that formulas need no script and no network."""

from __future__ import annotations

import re
from typing import Any

from latex2mathml.converter import convert

_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_INLINE = re.compile(r"(?<![\\$\w])\$([^$\n]+?)\$(?![\w$])")


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the formulas of one page; code is left as it is."""
    parts = _CODE.split(markdown)
    return "".join(part if place % 2 else _replace(part) for place, part in enumerate(parts))


def _replace(text: str) -> str:
    text = _DISPLAY.sub(lambda match: convert(match[1].strip(), display="block"), text)
    return _INLINE.sub(lambda match: convert(match[1].strip()), text)
