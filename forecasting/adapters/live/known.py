"""Candles by the moment at which they were known, in memory: what could be read as of any of those moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.candle_history import NEVER_MS, CandleHistory
from forecasting.adapters.store.candle_reader import CandleReader
from forecasting.candles import Candles
from forecasting.planning import SeriesSpan
from forecasting.types import BoolArray, IntArray, interval_ms

Series = tuple[str, str]


class KnownCandles(CandleReader):
    """Histories of several series, read as `CandleStore` is.

    Parameters
    ----------
    histories
        By symbol and interval; times of receipt say from when each version is known.
    """

    def __init__(self, histories: Mapping[Series, CandleHistory]) -> None:
        self._histories = dict(sorted(histories.items(), key=lambda each: _order(each[0])))

    @classmethod
    def as_closed(cls, candles: Iterable[Candles]) -> KnownCandles:
        """Candles of files: each is known as soon as it is closed."""
        return cls({(each.symbol, each.interval): _as_closed(each) for each in candles})

    @classmethod
    def as_received(cls, store: CandleStore) -> KnownCandles:
        """Candles of a store, each known as soon as it was received.

        What a series held when it was received first is history: nobody collected it at its time, so it counts as known
        once it was closed. What closed later counts from its receipt, however late that came.
        """
        spans = store.series()
        histories = {
            (each.symbol, each.interval): store.read_history(each.symbol, each.interval) for each in spans
        }
        return cls({series: _as_lived(history) for series, history in histories.items()})

    def series(self, as_of_ms: int | None = None, symbol: str | None = None) -> list[SeriesSpan]:
        """List what is known at a moment (None: ever), of all symbols or of one."""
        return [
            SeriesSpan(*series, int(times[0]), int(times[-1]), len(times))
            for series, history in self._histories.items()
            if symbol in (None, series[0]) and len(times := _opens(history, as_of_ms))
        ]

    def read_candles(
        self,
        symbol: str,
        interval: str,
        start_ms: int | None = None,
        stop_ms: int | None = None,
        as_of_ms: int | None = None,
    ) -> Candles:
        """Candles that open in [start_ms, stop_ms), oldest first, with the values that were known at a moment."""
        history = self._histories.get((symbol, interval))
        if history is None:
            return Candles.empty(symbol, interval)
        cut = history.between(start_ms, stop_ms)
        return cut.values.take(cut.current) if as_of_ms is None else cut.known_at(as_of_ms).values

    def all_known(self, as_of_ms: int) -> Iterator[Candles]:
        """Every series that has a candle at a moment, with what was known of it then."""
        for series in self._histories:
            if len(candles := self.read_candles(*series, as_of_ms=as_of_ms)):
                yield candles

    def first_known_ms(self, candles: Candles) -> IntArray:
        """Shape (n,): when the first version of each candle was known, its newest part where it was resampled."""
        spans = {each.interval: each for each in self.series(None, candles.symbol)}
        own = spans.get(candles.interval) or min(spans.values(), key=lambda each: interval_ms(each.interval))
        history = self._histories[(own.symbol, own.interval)]
        first = history.take(_first_versions(history))
        opens = first.values.open_time_ms
        parts = np.searchsorted(opens, np.c_[candles.open_time_ms, candles.close_time_ms]).ravel()
        return np.asarray(np.maximum.reduceat(np.r_[first.received_ms, 0], parts)[::2])


def _order(series: Series) -> tuple[str, int]:
    return series[0], interval_ms(series[1])


def _as_closed(candles: Candles) -> CandleHistory:
    never = np.full(len(candles), NEVER_MS, dtype=np.int64)
    return CandleHistory(candles, candles.close_time_ms, never, np.full(len(candles), ""))


def _as_lived(history: CandleHistory) -> CandleHistory:
    closes, received_ms = history.values.close_time_ms, history.received_ms
    began_ms = int(received_ms[received_ms > 0].min(initial=NEVER_MS))
    untimed = _first_versions(history) & (closes <= began_ms)
    return replace(history, received_ms=np.where(untimed, closes, np.maximum(received_ms, closes)))


def _opens(history: CandleHistory, as_of_ms: int | None) -> IntArray:
    known = history.current if as_of_ms is None else history.counted_at(as_of_ms)
    return history.values.open_time_ms[known]


def _first_versions(history: CandleHistory) -> BoolArray:
    times = history.values.open_time_ms
    first: BoolArray = np.r_[True, times[1:] != times[:-1]][: len(times)]
    return first
