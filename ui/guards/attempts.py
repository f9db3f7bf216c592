"""Count failed logins by address and determine how long an address must wait."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

FREE = 5
"""Wrong passwords in a row after which an address must wait."""
LONGEST = 900.0
"""Maximum wait in seconds; the first wait is one second, and each wrong password doubles it."""
REMEMBERED = 10_000
"""Maximum number of remembered addresses."""
DELAY = 0.3
"""Seconds by which the response to a wrong password is delayed."""


class Attempts:
    """Counts failed logins by address. Thread-safe.

    An attempt counts as failed from its start, so that concurrent attempts gain nothing over consecutive ones.

    Args:
        clock: Returns the time in seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def begin(self, address: str) -> float:
        """Count an attempt, unless the address must wait.

        Args:
            address: The client's IP address.

        Returns:
            Seconds to wait; 0 if the attempt may proceed.
        """
        key, now = _network(address), self._clock()
        with self._lock:
            count, last = self._failed.get(key, (0, now))
            if count >= FREE:
                wait = last + min(LONGEST, 2.0 ** (count - FREE)) - now
                if wait > 0:
                    return wait
            if count and now - last > LONGEST:
                count = 0
            self._failed[key] = (count + 1, now)
            self._failed.move_to_end(key)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)
        return 0.0

    def succeeded(self, address: str) -> None:
        """Reset the failures of an address.

        Args:
            address: The client's IP address.
        """
        with self._lock:
            self._failed.pop(_network(address), None)


def _network(address: str) -> str:
    """Return the address, or for IPv6 the 64-bit network that belongs to one client."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)
