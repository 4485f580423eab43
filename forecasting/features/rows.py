"""Runs the kernels over consecutive rows of one symbol, on as many threads as there is work for."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from forecasting.candles import Candles
from forecasting.events import Events
from forecasting.features.event import EventColumns, fill_event_features
from forecasting.features.price import fill_price_features, one_bar_returns
from forecasting.features.specification import EVENT_WINDOWS, VOLATILITY_WINDOWS, WINDOW_BARS, FeatureSpec
from forecasting.types import FloatArray, IntArray

# So few rows at a time that their columns are still in a core's cache when the last kernel writes to them.
CHUNK_ROWS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class _Sources:
    """What the kernels read: candles from the first one looked back on to the last row, and events.

    Attributes
    ----------
    bar, close, returns
        Shape (c,): number on the interval's grid, closing price and one-bar return of each candle.
    as_of_ms
        Shape (n,): close times of the last n candles, the rows to fill.
    one_hot
        Shape (s,): the symbol's columns, the same in each row.
    events
        None leaves the event columns missing.
    """

    bar: IntArray
    close: FloatArray
    returns: FloatArray
    as_of_ms: IntArray
    one_hot: FloatArray
    events: EventColumns | None


def feature_rows(
    candles: Candles, events: Events | None, spec: FeatureSpec, first: int, last: int
) -> FloatArray:
    """Features, shape (last - first, k), at the closes of the candles first..last-1.

    A row depends on its own look-backs alone: it is the same, bit for bit, whichever rows come with it.
    """
    out = np.empty((last - first, len(spec.names)))
    if len(out):
        _fill(_sources(candles, events, spec, first, last), spec, out)
    return out


def _sources(candles: Candles, events: Events | None, spec: FeatureSpec, first: int, last: int) -> _Sources:
    opens = candles.open_time_ms
    oldest = int(np.searchsorted(opens, opens[first] + spec.step_ms - spec.history_ms))
    as_of_ms = opens[first:last] + spec.step_ms
    bar = (opens[oldest:last] - opens[oldest]) // spec.step_ms
    # Copies and results of arithmetic are contiguous and writable: one compiled signature serves all.
    close = np.array(candles.close[oldest:last], dtype=np.float64)
    return _Sources(
        bar,
        close,
        one_bar_returns(bar, close),
        as_of_ms,
        np.array([float(symbol == candles.symbol) for symbol in spec.symbols]),
        None if events is None else EventColumns.of(events, as_of_ms[0] - spec.history_ms, as_of_ms[-1]),
    )


def _fill(sources: _Sources, spec: FeatureSpec, out: FloatArray) -> None:
    starts = range(0, len(out), CHUNK_ROWS)
    if len(starts) == 1:
        _fill_chunk(sources, spec, out, 0)
        return
    with ThreadPoolExecutor(min(len(starts), os.cpu_count() or 1)) as threads:
        for done in [threads.submit(_fill_chunk, sources, spec, out, start) for start in starts]:
            done.result()


def _fill_chunk(sources: _Sources, spec: FeatureSpec, out: FloatArray, start: int) -> None:
    part = out[start : start + CHUNK_ROWS]
    _fill_prices(sources, spec, part, len(sources.bar) - len(out) + start)
    column = len(spec.price_names)
    _fill_events(sources, spec, part, sources.as_of_ms[start : start + CHUNK_ROWS], column)
    part[:, column + len(spec.event_names) :] = sources.one_hot


def _fill_prices(sources: _Sources, spec: FeatureSpec, part: FloatArray, first: int) -> None:
    fill_price_features(
        sources.bar,
        sources.close,
        sources.returns,
        WINDOW_BARS,
        np.array(spec.periods),
        np.array(VOLATILITY_WINDOWS),
        first,
        first + len(part),
        part,
    )


def _fill_events(
    sources: _Sources, spec: FeatureSpec, part: FloatArray, as_of_ms: IntArray, column: int
) -> None:
    events = sources.events
    if events is None:
        part[:, column : column + len(spec.event_names)] = np.nan
        return
    fill_event_features(
        as_of_ms,
        events.timestamp_ms,
        events.source,
        events.ai_related,
        events.sources,
        events.covered_from_ms,
        events.covered_until_ms,
        np.array(EVENT_WINDOWS) * spec.step_ms,
        spec.history_ms,
        column,
        part,
    )
