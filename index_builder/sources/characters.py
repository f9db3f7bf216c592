"""Bytes to text: UTF-8, UTF-16 by its byte order mark, and for HTML the encoding that the page names."""

from __future__ import annotations

import codecs
import re

_NAMED = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{1,40})", re.IGNORECASE)
_HEAD = 4096
"""Bytes in which a page must name its encoding; HTML asks for the first 1,024."""


def decode(content: bytes) -> str:
    """Read UTF-8, or UTF-16 that begins with its mark; raises UnicodeDecodeError for the rest."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


def decode_html(content: bytes) -> str:
    """The same, and where it is not UTF-8 the encoding that the page's `<meta charset>` names."""
    try:
        return decode(content)
    except UnicodeDecodeError:
        named = _NAMED.search(content[:_HEAD])
        if named is None:
            raise
        try:
            # Pages that say Latin-1 hold Windows' superset of it: browsers read them so, too.
            name = codecs.lookup(named.group(1).decode("ascii")).name
            return content.decode("cp1252" if name in ("iso8859-1", "ascii") else name)
        except (LookupError, ValueError):
            pass
        raise
