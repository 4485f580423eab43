"""Candles of the markets that are asked about, in memory: read like the store, to the last bit what it would say."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.candle_reader import CandleReader
from forecasting.candles import Candles
from forecasting.errors import StoreUnavailable
from forecasting.planning import SeriesSpan, base_series
from serving.answers.kept_market import MarketHistory

MOST_SYMBOLS = 1_000
IDLE_MS = 600_000
READ_AT_ONCE = 8
ROOM_SECONDS = 0.5

Mark = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Every stored candle of an interval that opens at `first_ms` or later."""

    candles: Candles
    first_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """What is held of a symbol: as it was when its blocks had the versions of `mark`, or newer."""

    version: int
    mark: Mark
    spans: tuple[SeriesSpan, ...]
    windows: Mapping[str, _Window] = field(default_factory=dict)


class HeldCandles(CandleReader):
    """Candles in memory, from the oldest that was asked for until the newest.

    What is asked as of a moment, or of all symbols at once, is asked of the store. While that is away, what it last
    said of a name that is no market holds, and a market is what was kept of it.

    Parameters
    ----------
    store
        Opens the store for a request that wants what is not held.
    clock
        Now, epoch milliseconds UTC.
    recall
        What was kept of a symbol when a server ran before this one.
    """

    def __init__(
        self,
        store: Callable[[], CandleStore],
        clock: Callable[[], int],
        recall: Callable[[str], MarketHistory | None] = lambda _: None,
    ) -> None:
        self._store = store
        self._recall = recall
        self._clock = clock
        self._versions = itertools.count(1)
        self._held: dict[str, _Held] = {}
        self._asked_ms: dict[str, int] = {}
        self._checked_ms: dict[str, int] = {}
        self._wishes: dict[tuple[str, str], int] = {}
        self._unknown: dict[str, _Held] = {}
        self._lock = threading.Lock()
        self._room = threading.Semaphore(READ_AT_ONCE)

    def wish(self, symbol: str, interval: str, span_ms: int) -> None:
        """Hold candles that reach so far back from the newest one too, from the next look on."""
        if self._wishes.get((symbol, interval), 0) < span_ms:
            self._wishes[symbol, interval] = span_ms

    def version(self, symbol: str) -> int:
        """Tell the number that every change of the symbol's stored candles changes; 0: nothing is held.

        Whoever asks for it wants them to be held on.
        """
        held = self._held.get(symbol)
        if held is None:
            return 0
        self._asked_ms[symbol] = self._clock()
        return held.version

    def newest_ms(self, symbol: str) -> int:
        """Close of the newest candle held of a symbol in any interval, epoch milliseconds UTC; 0: none is."""
        held = self._held.get(symbol)
        return 0 if held is None else _newest_ms(held)

    def checked_ms(self, symbol: str) -> int | None:
        """When the store was last asked for news of the symbol, epoch milliseconds UTC; None: nothing is held."""
        return self._checked_ms.get(symbol)

    def series(self, as_of_ms: int | None = None, symbol: str | None = None) -> list[SeriesSpan]:
        """List what is there, of all symbols or of one."""
        if as_of_ms is not None or symbol is None:
            with self._reading() as store:
                return store.series(as_of_ms, symbol)
        return list(self._of(symbol).spans)

    def read_candles(
        self,
        symbol: str,
        interval: str,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Candles:
        """Candles that open in [start_ms, stop_ms), from the store."""
        with self._reading() as store:
            return store.read_candles(symbol, interval, start_ms, stop_ms, as_of_ms)

    def read_base(
        self,
        symbol: str,
        interval: str,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Candles:
        """Candles of an interval, resampled where that one itself is not stored; those of now from memory."""
        if as_of_ms is not None or start_ms is None or stop_ms is None:
            with self._reading() as store:
                return store.read_base(symbol, interval, start_ms, stop_ms, as_of_ms)
        held = self._of(symbol)
        window = held.windows.get(interval)
        if window is not None and window.first_ms <= start_ms:
            return window.candles.between(start_ms, stop_ms)
        # A question about the past is no reason to hold all candles since.
        if _newest_ms(held) - stop_ms > stop_ms - start_ms:
            with self._reading() as store:
                return store.read_base(symbol, interval, start_ms, stop_ms)
        with self._reading() as store:
            return self._widen(symbol, held, interval, start_ms, store).candles.between(start_ms, stop_ms)

    def look(self, store: CandleStore) -> None:
        """Read anew what changed in the store, and forget what nobody asked about for ten minutes.

        Raises
        ------
        StoreUnavailable
            What is held stays as it is.
        """
        for symbol, held in list(self._held.items()):
            now_ms = self._clock()
            mark = store.change_mark(symbol)
            # Nothing is forgotten while the store is away: nobody could read it again.
            if now_ms - self._asked_ms.get(symbol, 0) > IDLE_MS:
                self._forget(symbol)
                continue
            if mark != held.mark:
                self._renew(symbol, held, store)
            self._checked_ms[symbol] = now_ms
        for (symbol, interval), span_ms in list(self._wishes.items()):
            self._fulfil(symbol, interval, span_ms, store)

    def _fulfil(self, symbol: str, interval: str, span_ms: int, store: CandleStore) -> None:
        held = self._held.get(symbol)
        stored = None if held is None else base_series(held.spans, interval).get(symbol)
        if held is None or stored is None:
            self._wishes.pop((symbol, interval), None)
            return
        first_ms, window = max(0, stored.end_ms - span_ms), held.windows.get(interval)
        if window is None or window.first_ms > first_ms:
            self._widen(symbol, held, interval, first_ms, store)

    def _of(self, symbol: str) -> _Held:
        now_ms = self._clock()
        self._asked_ms[symbol] = now_ms
        held = self._held.get(symbol)
        if held is not None:
            return held
        try:
            with self._reading() as store:
                fresh = self._fresh(symbol, store)
        except StoreUnavailable:
            before = self._unknown.get(symbol) or self._recalled(symbol)
            if before is None:
                raise
            return before
        with self._lock:
            # Names that are no market would fill the memory.
            if fresh.spans and len(self._held) < MOST_SYMBOLS:
                fresh = self._held.setdefault(symbol, fresh)
                self._checked_ms.setdefault(symbol, now_ms)
            else:
                self._asked_ms.pop(symbol, None)
                self._remember_unknown(symbol, fresh)
        return fresh

    def histories(self) -> Iterator[MarketHistory]:
        """Give what is held of each symbol, without its events."""
        for symbol, held in list(self._held.items()):
            windows = {name: (each.first_ms, each.candles) for name, each in held.windows.items()}
            yield MarketHistory(symbol, self._checked_ms.get(symbol, 0), held.mark, held.spans, windows)

    def _recalled(self, symbol: str) -> _Held | None:
        kept = self._recall(symbol)
        if kept is None:
            return None
        windows = {name: _Window(candles, first_ms) for name, (first_ms, candles) in kept.windows.items()}
        with self._lock:
            self._checked_ms.setdefault(symbol, kept.checked_ms)
            return self._held.setdefault(symbol, _Held(next(self._versions), kept.mark, kept.spans, windows))

    def _remember_unknown(self, symbol: str, nothing: _Held) -> None:
        if not nothing.spans:
            self._unknown[symbol] = nothing
            if len(self._unknown) > MOST_SYMBOLS:
                del self._unknown[next(iter(self._unknown))]

    @contextlib.contextmanager
    def _reading(self) -> Iterator[CandleStore]:
        """Open the store for a few at once: those whom it keeps waiting hold threads that others need."""
        if not self._room.acquire(timeout=ROOM_SECONDS):
            raise StoreUnavailable("as many wait for the document store as may: ask again in a moment")
        try:
            yield self._store()
        finally:
            self._room.release()

    def _fresh(self, symbol: str, store: CandleStore) -> _Held:
        # The mark first: of what is written in between the next look will know.
        mark = store.change_mark(symbol)
        return _Held(next(self._versions), mark, tuple(store.series(None, symbol)))

    def _widen(self, symbol: str, held: _Held, interval: str, start_ms: int, store: CandleStore) -> _Window:
        window = _Window(store.read_base(symbol, interval, start_ms), start_ms)
        with self._lock:
            now = self._held.get(symbol)
            # What was read for an older state may be newer than it, never older: still it is not that of the new one.
            if now is not None and now.version == held.version:
                self._held[symbol] = replace(now, windows={**now.windows, interval: window})
        return window

    def _renew(self, symbol: str, held: _Held, store: CandleStore) -> None:
        fresh = self._fresh(symbol, store)
        grown_ms = _newest_ms(fresh) - _newest_ms(held)
        windows = {}
        for interval, window in held.windows.items():
            first_ms = window.first_ms + max(0, grown_ms)
            windows[interval] = _Window(store.read_base(symbol, interval, first_ms), first_ms)
        with self._lock:
            self._held[symbol] = replace(fresh, windows=windows)

    def _forget(self, symbol: str) -> None:
        with self._lock:
            for table in (self._held, self._asked_ms, self._checked_ms):
                table.pop(symbol, None)


def _newest_ms(held: _Held) -> int:
    return max((span.end_ms for span in held.spans), default=0)
