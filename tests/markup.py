"""Check HTML for the tests of the page."""

from __future__ import annotations

from html.parser import HTMLParser


class Checker(HTMLParser):
    """Collects the tags, and fails on tags that are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(html: str) -> list[str]:
    checker = Checker()
    checker.feed(html)
    assert checker.open == []
    return checker.seen


EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"
