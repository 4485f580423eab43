"""Stored candles as a table for people: values, when they were received, from whom, and whether bars are complete."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.candle_history import CandleHistory
from forecasting.candles import VALUE_COLUMNS, Candles, resample_marked
from forecasting.errors import InvalidSettings, NotEnoughHistory, UnknownSymbol
from forecasting.planning import SeriesSpan, base_series
from forecasting.types import BoolArray, IntArray, interval_ms, utc_iso

MOMENT = pa.timestamp("ms", "UTC")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Which candles are wanted.

    Attributes
    ----------
    symbol, interval
        The series; an interval that is not stored is resampled from the finest stored one that divides it.
    start_ms, stop_ms
        Open times in [start_ms, stop_ms), epoch milliseconds UTC; None leaves that side open.
    as_of_ms
        Only what had been received by then, with the values of then; None means now.
    history
        Every value that a candle ever had, rather than the one that counts.
    """

    symbol: str
    interval: str
    start_ms: int | None = None
    stop_ms: int | None = None
    as_of_ms: int | None = None
    history: bool = False


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """Candles as a table.

    Attributes
    ----------
    columns
        `open_time`, open, high, low, close, volume, `close_time`, `received`, `source`, `final`; with a history
        `superseded`, of resampled candles `complete` and `parts`. Times are UTC, null where nobody knows them.
    made_of
        The stored interval that the candles come from.
    incomplete
        How many bars lack a part.
    """

    columns: pa.Table
    made_of: str
    incomplete: int = 0

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.columns.num_rows)


def export_candles(candles: CandleStore, request: ExportRequest) -> ExportedTable:
    """Read the candles of a request as a table.

    Raises
    ------
    UnknownSymbol
        Nothing is stored of the symbol.
    NotEnoughHistory
        No stored series gives the interval, or there are no candles in the span.
    InvalidSettings
        The history of resampled candles was asked for.
    """
    series = _stored_series(candles, request)
    if series.interval == request.interval:
        found = candles.read_history(request.symbol, request.interval, request.start_ms, request.stop_ms)
        table = ExportedTable(_stored_columns(_wanted(found, request), request.history), series.interval)
    elif request.history:
        raise InvalidSettings(
            f"{request.symbol}: {request.interval} is resampled from {series.interval}, and resampled candles have no "
            f"history of their own: leave --history out, or ask for --interval {series.interval}"
        )
    else:
        table = _resampled(candles, request, series.interval)
    if not table.rows:
        raise NotEnoughHistory(_nothing(request, series))
    return table


def _stored_series(candles: CandleStore, request: ExportRequest) -> SeriesSpan:
    spans = candles.series(request.as_of_ms)
    known = sorted({span.symbol for span in spans})
    if request.symbol not in known:
        some = f"any of {', '.join(known)} is needed" if known else "ingest some first"
        raise UnknownSymbol(f"no candles of {request.symbol} are stored{_by(request)}: {some}")
    series = base_series([span for span in spans if span.symbol == request.symbol], request.interval)
    if not series:
        raise NotEnoughHistory(
            f"no candles of {request.interval} or finer are stored for {request.symbol}{_by(request)}: ingest some first"
        )
    return series[request.symbol]


def _by(request: ExportRequest) -> str:
    return "" if request.as_of_ms is None else f" as of {utc_iso(request.as_of_ms)}"


def _nothing(request: ExportRequest, series: SeriesSpan) -> str:
    return (
        f"no candles of {request.symbol} {request.interval} in the span{_by(request)}: "
        f"{series.interval} candles are stored from {utc_iso(series.first_open_ms)} to {utc_iso(series.last_open_ms)}"
    )


def _wanted(found: CandleHistory, request: ExportRequest) -> CandleHistory:
    if request.as_of_ms is None:
        return found if request.history else found.take(found.current)
    if request.history:
        return found.take(found.received_ms <= request.as_of_ms)
    return found.known_at(request.as_of_ms)


def _stored_columns(found: CandleHistory, history: bool) -> pa.Table:
    known = found.received_ms > 0
    final = pa.array(found.values.close_time_ms <= found.received_ms, mask=~known)
    table = _columns(found.values, found.received_ms, found.source, final)
    if not history:
        return table
    return table.append_column("superseded", pa.array(found.superseded_ms, MOMENT, mask=found.current))


def _columns(
    candles: Candles, received_ms: IntArray, source: NDArray[np.str_], final: pa.Array | BoolArray
) -> pa.Table:
    return pa.table(
        {
            "open_time": pa.array(candles.open_time_ms, MOMENT),
            **{name: getattr(candles, name) for name in VALUE_COLUMNS},
            "close_time": pa.array(candles.close_time_ms, MOMENT),
            "received": pa.array(received_ms, MOMENT, mask=received_ms == 0),
            "source": pa.array(source.tolist(), pa.string()),
            "final": final,
        }
    )


def _resampled(candles: CandleStore, request: ExportRequest, finer: str) -> ExportedTable:
    """Bars of finer candles; one was received with the last of its parts, and is final once it lacks none."""
    step_ms = interval_ms(request.interval)
    start, stop = (
        None if bound is None else -(-bound // step_ms) * step_ms
        for bound in (request.start_ms, request.stop_ms)
    )
    found = _wanted(candles.read_history(request.symbol, finer, start, stop), request)
    marked = resample_marked(found.values, request.interval)
    starts = np.cumsum(marked.parts_present) - marked.parts_present
    received_ms = np.maximum.reduceat(found.received_ms, starts) if len(starts) else found.received_ms
    table = _columns(marked.candles, received_ms, _joined_sources(found.source, starts), marked.complete)
    table = table.append_column("complete", pa.array(marked.complete))
    table = table.append_column("parts", pa.array(marked.parts_present))
    return ExportedTable(table, finer, int((~marked.complete).sum()))


def _joined_sources(source: NDArray[np.str_], starts: IntArray) -> NDArray[np.str_]:
    """Shape of `starts`: the sources of the parts of each bar."""
    names, numbers = np.unique(source, return_inverse=True)
    if len(names) < 2:
        return source[starts]
    low, high = np.minimum.reduceat(numbers, starts), np.maximum.reduceat(numbers, starts)
    joined = names[low].astype(object)
    for bar in np.flatnonzero(low != high):
        stop = starts[bar + 1] if bar + 1 < len(starts) else len(numbers)
        joined[bar] = " and ".join(names[np.unique(numbers[starts[bar] : stop])])
    return joined.astype(np.str_)
