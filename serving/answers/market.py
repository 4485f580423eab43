"""What the store knows of a market, and a door to the store that opens when the store is there."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.candle_reader import CandleReader
from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.port import DocumentStore
from forecasting.candles import Candles
from forecasting.errors import NotEnoughHistory, StoreUnavailable, UnknownSymbol
from forecasting.events import Events
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.horizons import Horizon
from forecasting.planning import SeriesSpan, base_series
from forecasting.types import interval_ms, utc_iso

Alias = Literal["production", "challenger"]
PRODUCTION: Alias = "production"
CHALLENGER: Alias = "challenger"
NAMED_SYMBOLS = 8
REST_SECONDS = 1.0
PAGE_CANDLES = 1000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """Which market, how far ahead, from which moment (epoch milliseconds UTC), and which version is asked."""

    symbol: str
    horizon: Horizon
    moment_ms: int
    alias: Alias = PRODUCTION


class MarketView(Protocol):
    """What an answer is computed from."""

    def closed_candles(self, question: Question, span_ms: int) -> Candles:
        """Read the base candles closed at the moment that reach `span_ms` back from the newest of them."""
        ...

    def feature_data(self, question: Question, spec: FeatureSpec) -> MarketData:
        """Read all that the newest row of a specification is made of."""
        ...


class EventReader(Protocol):
    """What whoever reads events may ask."""

    def read(
        self,
        symbol: str,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Events | None:
        """Events of a market as features need them; None when none were ever received by `as_of_ms`."""
        ...


@dataclass(frozen=True, slots=True)
class StoredMarket:
    """The store's own candles and events."""

    candles: CandleStore
    events: EventStore


@dataclass(frozen=True, slots=True)
class Market:
    """What the store knows; with `as_of_ms` exactly what it knew then, epoch milliseconds of this installation's clock."""

    candles: CandleReader
    events: EventReader
    as_of_ms: int | None = None

    def closed_candles(self, question: Question, span_ms: int) -> Candles:
        """Read the base candles closed at the moment that reach `span_ms` back from the newest of them.

        Where a gap lies at the far end they reach back over it, so what is computed of them is what would
        be computed of all candles; where the history begins later, they begin there.

        Raises
        ------
        UnknownSymbol
            No candles of the symbol are stored.
        NotEnoughHistory
            None was closed by then.
        """
        stored = self._series(question)
        end_ms = min(question.moment_ms, stored.end_ms)
        reach_ms = span_ms
        while True:
            candles = self.candles.read_base(
                question.symbol, question.horizon.base_interval, end_ms - reach_ms, end_ms, self.as_of_ms
            ).closed_by(end_ms)
            if _reaches_back(candles, span_ms) or end_ms - reach_ms <= stored.first_open_ms:
                return _some(candles, question, stored)
            reach_ms *= 2

    def feature_data(self, question: Question, spec: FeatureSpec) -> MarketData:
        """Read all that the newest row of a specification is made of.

        Raises
        ------
        UnknownSymbol, NotEnoughHistory
            As `closed_candles`.
        """
        candles = self.closed_candles(question, spec.history_ms)
        newest_ms = int(candles.close_time_ms[-1])
        events = self.events.read(question.symbol, newest_ms - spec.history_ms, newest_ms, self.as_of_ms)
        others = {
            symbol: self.candles.read_base(
                symbol, spec.base_interval, newest_ms - spec.others_ms, newest_ms, self.as_of_ms
            )
            for symbol in spec.others((question.symbol,))
        }
        return MarketData(candles, events, others)

    def _series(self, question: Question) -> SeriesSpan:
        spans = self.candles.series(self.as_of_ms, question.symbol)
        if not spans:
            raise UnknownSymbol(
                f"the symbol is unknown: {_known_symbols(self.candles.series(self.as_of_ms))}"
            )
        interval = question.horizon.base_interval
        stored = base_series(spans, interval).get(question.symbol)
        if stored is None:
            raise NotEnoughHistory(
                f"no candles of {interval} or finer are stored for {question.symbol}: ingest some"
            )
        return stored if self.as_of_ms is None else self._ended_then(stored, self.as_of_ms)

    def _ended_then(self, stored: SeriesSpan, as_of_ms: int) -> SeriesSpan:
        """Return the span with the end that it had then: blocks tell only where they end now."""
        reach_ms = PAGE_CANDLES * interval_ms(stored.interval)
        while True:
            page = self.candles.read_candles(
                stored.symbol, stored.interval, stored.end_ms - reach_ms, None, as_of_ms
            )
            if len(page) or reach_ms >= stored.span_ms:
                break
            reach_ms *= 4
        # Where nothing was known, the reader finds nothing either, and says so.
        return replace(stored, last_open_ms=int(page.open_time_ms[-1])) if len(page) else stored


def _reaches_back(candles: Candles, span_ms: int) -> bool:
    return len(candles) > 0 and int(candles.close_time_ms[-1] - candles.open_time_ms[0]) >= span_ms


def _some(candles: Candles, question: Question, stored: SeriesSpan) -> Candles:
    if not len(candles):
        raise NotEnoughHistory(
            f"no {candles.interval} candle of {question.symbol} was closed at {utc_iso(question.moment_ms)}: "
            f"its history begins {utc_iso(stored.first_open_ms)}"
        )
    return candles


def _known_symbols(spans: Sequence[SeriesSpan]) -> str:
    symbols = sorted({span.symbol for span in spans})
    if not symbols:
        return "no candles are stored yet"
    more = f" and {len(symbols) - NAMED_SYMBOLS} more" if len(symbols) > NAMED_SYMBOLS else ""
    return f"known are {', '.join(symbols[:NAMED_SYMBOLS])}{more}"


class StoreDoor:
    """Opens the store when it is first needed, so that a server starts while the store is down."""

    def __init__(
        self,
        open_it: Callable[[], DocumentStore],
        *,
        rest_seconds: float = REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = open_it
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._store: DocumentStore | None = None
        self._stored: StoredMarket | None = None
        self._failure: str | None = None
        self._failed_at = 0.0
        self.silence: Callable[[], str | None] = lambda: None

    def heed(self, silence: Callable[[], str | None]) -> None:
        """Open no more while it tells of silence: whoever comes would only wait to be refused."""
        self.silence = silence

    def market(self) -> Market:
        """Return the open store's market.

        Raises
        ------
        StoreUnavailable
            As `stored`.
        """
        stored = self.stored()
        return Market(stored.candles, stored.events)

    def stored(self) -> StoredMarket:
        """Return the open store's candles and events.

        Raises
        ------
        StoreUnavailable
            It is known to be silent, or cannot be opened; a call after a short rest tries again.
        """
        self._demand_no_silence()
        with self._lock:
            if self._stored is None:
                store = self._open_once()
                self._stored = StoredMarket(CandleStore(store), EventStore(store))
            return self._stored

    def store(self) -> DocumentStore:
        """Return the open store.

        Raises
        ------
        StoreUnavailable
            As `stored`.
        """
        self._demand_no_silence()
        with self._lock:
            return self._open_once()

    def _demand_no_silence(self) -> None:
        silence = self.silence()
        if silence is not None:
            raise StoreUnavailable(silence)

    def _open_once(self) -> DocumentStore:
        if self._store is None:
            self._store = self._opened()
        return self._store

    def _opened(self) -> DocumentStore:
        # A dead server takes seconds to fail; the requests that waited meanwhile must not each try in turn.
        if self._failure is not None and self._clock() - self._failed_at < self._rest_seconds:
            raise StoreUnavailable(self._failure)
        try:
            return self._open()
        except StoreUnavailable as error:
            self._failure, self._failed_at = str(error), self._clock()
            raise

    def try_open(self) -> None:
        """Open the store if it is there."""
        try:
            self.stored()
        except StoreUnavailable as error:
            _log.warning("the store is not there yet, each request tries again: %s", error)

    def close(self) -> None:
        """Release the store's connections."""
        with self._lock:
            if self._store is not None:
                self._store.close()
            self._store = self._stored = None
