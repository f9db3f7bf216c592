"""Extract the text of HTML pages without their navigation, block by block, and the declared language."""

from __future__ import annotations

import re
from typing import Any

from index_builder.sources.readers.base import Reading, RejectedFileError
from searchapp.errors import MissingExtraError
from searchapp.files.encodings import decode_html

BLOCKS = (
    "address,article,aside,blockquote,caption,center,dd,details,dialog,div,dl,dt,fieldset,figcaption,figure,footer,form,"
    "h1,h2,h3,h4,h5,h6,header,hgroup,hr,legend,li,main,menu,nav,ol,option,p,pre,section,summary,table,tbody,tfoot,thead,"
    "tr,ul"
)
"""Elements that start and end a paragraph. Other tags leave no trace in the text."""

NO_TEXT = ["script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "select", "button"]

FRAME = (
    "nav,footer,[role=navigation],[role=contentinfo],[role=search],[role=menu],[role=menubar],[aria-hidden=true],[hidden],"
    "body>header,body>aside,[role=banner]"
)
"""Elements around the content that are the same on every page of a site."""

MAX_TAGS = 300_000
"""Maximum tags of a page; a page with a whole book has about 10,000."""

MAX_DEPTH = 1_000
"""Approximate maximum of tags open at a time."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^>]*?(/?)>")
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "p", "li", "source", "track", "wbr", "td",
    "th", "tr", "dt", "dd", "option",
})  # fmt: skip
"""Elements without an end tag, or whose end tag is usually omitted."""


def read_html(content: bytes, encoding: str | None) -> list[Reading]:
    """Read a page.

    Args:
        content: Content of the file.
        encoding: Encoding of the file; None to detect it.

    Raises:
        RejectedFileError: The page has too many tags, or they are nested too deeply.
        UnicodeDecodeError: The encoding cannot be detected.
        MissingExtraError: selectolax is not installed.
    """
    html = decode_html(content, encoding=encoding)
    tree = _parse(html)
    return [Reading(_content(tree), title=_title(tree), language=_language(tree))]


def text_of_html(html: str) -> tuple[str, str]:
    """Return the title and the whole text of an HTML fragment, such as rendered Markdown.

    Args:
        html: HTML, complete or a fragment.
    """
    tree = _parse(html)
    return _title(tree), _text(tree.body)


def _parse(html: str) -> Any:
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError as error:
        raise MissingExtraError(feature="reading HTML files", extra="files") from error
    _check(html)
    tree = LexborHTMLParser(html)
    tree.strip_tags(NO_TEXT)
    return tree


def _check(html: str) -> None:
    if html.count("<") > MAX_TAGS:
        raise RejectedFileError(f"{html.count('<'):,} tags, at most {MAX_TAGS:,}", kind="too many tags")
    depth = 0
    for match in _TAG.finditer(html):
        if match[3] or match[2].lower() in _VOID:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > MAX_DEPTH:
            raise RejectedFileError(f"more than {MAX_DEPTH:,} tags open at a time", kind="nested too deeply")


def _title(tree: Any) -> str:
    found = tree.css_first("head>title") or tree.css_first("h1")
    return " ".join(found.text().split()) if found else ""


def _language(tree: Any) -> str:
    for selector, attribute in (("main[lang]", "lang"), ("html", "lang"), ("html", "xml:lang"), ("body[lang]", "lang")):
        node = tree.css_first(selector)
        if node is not None and (found := (node.attributes.get(attribute) or "").strip()):
            return str(found)
    for node in tree.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").lower() == "content-language":
            return str(node.attributes.get("content") or "").strip()
    return ""


def _content(tree: Any) -> str:
    """Return the main part of a page, or else the page without navigation; the whole page if nothing would remain."""
    whole = tree.body
    if whole is None:
        return ""
    mains = tree.css("main,[role=main]")
    plain = None if mains else whole.html
    for node in tree.css(FRAME):
        node.decompose()
    text = _text(mains[0] if len(mains) == 1 else tree.body)
    if text or plain is None:
        return text
    return _text(_parse(plain).body)


def _text(node: Any) -> str:
    if node is None:
        return ""
    for block in node.css(BLOCKS):
        block.insert_before("\n\n")
        block.insert_after("\n\n")
    for cell in node.css("td,th"):
        cell.insert_after("\t")
    for line in node.css("br"):
        line.insert_after("\n")
    text = re.sub(r"[^\S\n\t]+", " ", node.text())
    text = re.sub(r" ?\t[\t ]*", "\t", text)
    return re.sub(r"\s*\n\s*\n\s*", "\n\n", text).strip()
