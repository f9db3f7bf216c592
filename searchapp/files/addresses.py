"""Check the addresses of HTTP services before anything is sent to them."""

from __future__ import annotations

LONGEST_LABEL = 63
"""Maximum length of a part of a host name, in bytes (RFC 1035)."""


def is_address(url: str) -> bool:
    """Return whether a text is an http(s) address with a host that can be looked up.

    Args:
        url: The text.
    """
    import httpx  # imported here, because few programs use it

    try:
        parsed = httpx.URL(url)
        host = parsed.host.encode("idna")  # both check what a resolver would refuse
    except (httpx.InvalidURL, ValueError, TypeError):  # idna's errors are ValueErrors
        return False
    return (
        parsed.scheme in ("http", "https")
        and bool(host)
        and all(0 < len(label) <= LONGEST_LABEL for label in host.rstrip(b".").split(b"."))
    )
