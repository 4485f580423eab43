"""The newest candles of a series, so many at a time."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.adapters.store.candle_reader import CandleReader
from forecasting.candles import Candles
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.planning import SeriesSpan, base_series
from forecasting.types import interval_ms, utc_iso


@dataclass(frozen=True, slots=True)
class CandleQuestion:
    """Which candles.

    Attributes
    ----------
    symbol, interval
        The series; bars of a coarser interval than is stored are made.
    start_ms, stop_ms
        They open in [start_ms, stop_ms), epoch milliseconds UTC; None leaves that side open.
    as_of_ms
        As known then, epoch milliseconds UTC; None is now.
    """

    symbol: str
    interval: str
    start_ms: int | None = None
    stop_ms: int | None = None
    as_of_ms: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CandlePage:
    """The newest of the candles that were asked for.

    Attributes
    ----------
    candles
        Oldest first.
    made_of
        Interval that is stored.
    next_stop_ms
        What `stop_ms` must be to get those before, epoch milliseconds UTC; None where there are none.
    """

    candles: Candles
    made_of: str
    next_stop_ms: int | None


def newest_candles(reader: CandleReader, asked: CandleQuestion, limit: int) -> CandlePage:
    """Read the newest candles of a span; no more blocks than they lie in, however long the history is.

    Raises
    ------
    UnknownSymbol
        No candles of the symbol are stored.
    NotEnoughHistory
        None had been received then, or none of that interval or a finer one.
    UnknownInterval
        There is no such interval.
    StoreUnavailable
        They cannot be read.
    """
    stored, step_ms = _series(reader, asked), interval_ms(asked.interval)
    stop_ms = stored.end_ms if asked.stop_ms is None else min(asked.stop_ms, stored.end_ms)
    floor_ms = max(asked.start_ms or 0, stored.first_open_ms - step_ms)
    reach_ms = (limit + 1) * step_ms
    while True:
        first_ms = max(stop_ms - reach_ms, floor_ms)
        found = reader.read_base(asked.symbol, asked.interval, first_ms, stop_ms, asked.as_of_ms)
        found = found.between(floor_ms, stop_ms)
        if len(found) > limit or first_ms <= floor_ms:
            break
        reach_ms *= 4
    page = found.take(slice(max(len(found) - limit, 0), None))
    more = int(page.open_time_ms[0]) if len(found) > limit else None
    return CandlePage(page, stored.interval, more)


def _series(reader: CandleReader, asked: CandleQuestion) -> SeriesSpan:
    spans = reader.series(asked.as_of_ms, asked.symbol)
    if not spans:
        raise _nothing(reader, asked)
    stored = base_series(spans, asked.interval).get(asked.symbol)
    if stored is None:
        there = ", ".join(span.interval for span in spans)
        raise NotEnoughHistory(
            f"no candles of {asked.interval} or finer are stored for {asked.symbol}: there are {there}"
        )
    return stored


def _nothing(reader: CandleReader, asked: CandleQuestion) -> UnknownSymbol | NotEnoughHistory:
    if asked.as_of_ms is not None and reader.series(None, asked.symbol):
        return NotEnoughHistory(
            f"no candle of {asked.symbol} was known at {utc_iso(asked.as_of_ms)}: ask as of a later moment, or as of now"
        )
    return UnknownSymbol("the symbol is unknown: no candles of it are stored, ingest some first")
