"""Events of the markets that are asked about, in memory, as the store tells them of a span."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping

import numpy as np

from forecasting.adapters.store.event_store import EventStore
from forecasting.events import Events

MOST_SPANS = 500

_Key = tuple[str, int, int]


class HeldEvents:
    """Events in memory, by market and span; the spans that were not asked for longest are forgotten.

    Parameters
    ----------
    store
        Opens the store for a request that wants what is not held.
    """

    def __init__(self, store: Callable[[], EventStore]) -> None:
        self._store = store
        self._versions = itertools.count(1)
        self._version: dict[str, int] = {}
        self._held: OrderedDict[_Key, Events | None] = OrderedDict()
        self._unverified: set[_Key] = set()
        self._mark: tuple[int, str] | None = None
        self._lock = threading.Lock()

    def version(self, symbol: str) -> int:
        """Tell the number that changes when other events are found for the symbol; 0: none were so far."""
        return self._version.get(symbol, 0)

    def read(
        self,
        symbol: str,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Events | None:
        """Events of a market as features need them, as the store reads them; those of now from memory."""
        if as_of_ms is not None or start_ms is None or stop_ms is None:
            return self._store().read(symbol, start_ms, stop_ms, as_of_ms)
        key = (symbol, start_ms, stop_ms)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        found = self._store().read(*key)
        with self._lock:
            self._held[key] = found
            self._unverified.add(key)
            if len(self._held) > MOST_SPANS:
                self._held.popitem(last=False)
        return found

    def of(self, symbol: str) -> dict[tuple[int, int], Events | None]:
        """Give what is held of a symbol, by span."""
        with self._lock:
            return {(start, stop): each for (name, start, stop), each in self._held.items() if name == symbol}

    def recall(self, symbol: str, kept: Mapping[tuple[int, int], Events | None]) -> None:
        """Hold what was kept when a server ran before this one, until a look finds out what it missed."""
        with self._lock:
            for (start_ms, stop_ms), events in kept.items():
                key = (symbol, start_ms, stop_ms)
                if key not in self._held:
                    self._held[key] = events
                    self._unverified.add(key)

    def look(self, store: EventStore) -> None:
        """Read once more what is held, of spans of one market and length the newest; the others are forgotten.

        Raises
        ------
        StoreUnavailable
            What is held stays as it is.
        """
        with self._lock:
            held, unverified = self._newest_only(), set(self._unverified)
        if not held:
            return
        start_ms = min(start_ms for _, start_ms, _ in held)
        mark = (start_ms, store.change_mark(start_ms))
        # What was read while the mark before this one was taken may be older than it says.
        again = held if mark != self._mark else {key: held[key] for key in unverified & held.keys()}
        for key, before in again.items():
            now = store.read(*key)
            if not same_events(before, now):
                with self._lock:
                    self._held[key] = now
                    self._version[key[0]] = next(self._versions)
        with self._lock:
            self._unverified -= unverified
        self._mark = mark

    def _newest_only(self) -> dict[_Key, Events | None]:
        newest = {(symbol, stop_ms - start_ms): stop_ms for symbol, start_ms, stop_ms in sorted(self._held)}
        for key in list(self._held):
            symbol, start_ms, stop_ms = key
            if newest[symbol, stop_ms - start_ms] > stop_ms:
                del self._held[key]
        return dict(self._held)


def same_events(one: Events | None, other: Events | None) -> bool:
    """Whether two collections tell features the same."""
    if one is None or other is None:
        return one is other
    return (one.covered_from_ms, one.covered_until_ms) == (
        other.covered_from_ms,
        other.covered_until_ms,
    ) and all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("timestamp_ms", "source", "ai_related", "holes_ms")
    )
