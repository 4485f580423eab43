"""How often a caller may ask: so many requests a second, and as many at once after a rest.

Each caller has one number, the moment until which its requests are paid for (the generic cell rate algorithm). `limits`, the usual
library, keeps its counters behind a thread that it starts up to a hundred times a second, and has no upper bound for
callers that it never saw before.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_CALLERS = 10_000


class Rates:
    """Counts the requests of callers, the latest `MOST_CALLERS` of them; used by one thread, the event loop's.

    Parameters
    ----------
    a_second
        Requests that one caller may send in a second, and at once after a second of rest.
    clock
        Seconds, never going back.
    """

    def __init__(self, a_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap = 1.0 / a_second
        self._clock = clock
        self._paid_until: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._paid_until)

    def wait_seconds(self, caller: str) -> int:
        """Count a request: 0 where it may pass, else the whole seconds after which another may."""
        now = self._clock()
        paid_until = max(self._paid_until.get(caller, now), now) + self._gap
        if paid_until - now > 1.0 + self._gap / 2:
            return max(1, math.ceil(paid_until - now - 1.0))
        self._paid_until[caller] = paid_until
        self._paid_until.move_to_end(caller)
        if len(self._paid_until) > MOST_CALLERS:
            self._paid_until.popitem(last=False)
        return 0


def network_of(address: str) -> str:
    """One name for all that one subscriber calls from: an IPv4 address, or the first 64 bits of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found) >> 64 << 64, 64)))
