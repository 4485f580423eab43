"""Rows of a source in the order of time behind the stored candles that they follow; what every detector looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.candles import VALUE_COLUMNS, Candles
from forecasting.quality.raw import RawCandles
from forecasting.types import FloatArray, IntArray

SIDE = 5


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The rows to be judged, oldest first, and before them the candles that are only looked at.

    Attributes
    ----------
    interval_ms
        Length of one candle in milliseconds.
    open_time_ms
        Shape (m,): epoch milliseconds UTC, never falling; the first `known` belong to the context.
    values
        Shape (m, 5): open, high, low, close and volume of anything whatever, NaN and infinite included.
    known
        How many candles of the context there are.
    rows
        Shape (m - known,): the row of the source that stands in each place behind the context.
    """

    interval_ms: int
    open_time_ms: IntArray
    values: FloatArray
    known: int
    rows: IntArray

    def by_row(self, found: FloatArray) -> FloatArray:
        """Bring what was found in the order of time, shape (m,), into the source's, shape (m - known,)."""
        ordered = np.empty(len(self.rows))
        ordered[self.rows] = found[self.known :]
        return ordered


def timeline(raw: RawCandles, context: Candles | None) -> Timeline:
    """Put the rows into the order of time, behind those candles of the context that open before all of them."""
    rows = np.argsort(raw.open_time_ms, kind="stable")
    times, values = raw.open_time_ms[rows], raw.values[rows]
    if context is None or not len(rows):
        return Timeline(raw.interval_ms, times, values, 0, rows)
    before = context.between(None, int(times[0]))
    known = np.column_stack([getattr(before, name) for name in VALUE_COLUMNS])
    joined = np.concatenate([before.open_time_ms, times])
    return Timeline(raw.interval_ms, joined, np.concatenate([known, values]), len(before), rows)


def log_prices(values: FloatArray) -> FloatArray:
    """Natural logarithm of open, high, low and close, shape (m, 4); NaN where a price is no positive number."""
    prices = values[:, :4]
    usable = np.isfinite(prices) & (prices > 0)
    return np.log(prices, out=np.full(prices.shape, np.nan), where=usable)


def levels_around(log_closes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Median of the up to five closes before each row, and of those after it.

    Parameters
    ----------
    log_closes
        Shape (m,): natural logarithms; NaN counts as the close before it.

    Returns
    -------
    tuple
        Two arrays of shape (m,); NaN where no row stands on that side.
    """
    closes = filled(log_closes)
    edge = np.full(SIDE, np.nan)
    padded = np.concatenate([edge, closes, edge])
    medians = _median_of_five(*(padded[place : len(padded) - SIDE + 1 + place] for place in range(SIDE)))
    for start in (*range(SIDE), *range(len(medians) - SIDE, len(medians))):
        medians[start] = _median_of_some(padded[start : start + SIDE])
    return medians[: len(closes)], medians[SIDE + 1 :]


def filled(series: FloatArray) -> FloatArray:
    """Each NaN replaced by the number before it, those at the start by the first number."""
    numbers = np.flatnonzero(~np.isnan(series))
    if len(numbers) in (0, len(series)):
        return series
    latest: IntArray = np.searchsorted(numbers, np.arange(len(series)), side="right") - 1
    return series[numbers[np.maximum(latest, 0)]]


def _median_of_five(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, e: FloatArray) -> FloatArray:
    # Minima and maxima of whole columns: ten times as fast as sorting each window.
    low = np.maximum(np.minimum(a, b), np.minimum(c, d))
    high = np.minimum(np.maximum(a, b), np.maximum(c, d))
    return np.maximum(np.minimum(low, high), np.minimum(np.maximum(low, high), e))


def _median_of_some(window: FloatArray) -> float:
    there = window[~np.isnan(window)]
    return float(np.median(there)) if len(there) else float("nan")


def gaps_in_bars(line: Timeline) -> FloatArray:
    """Candles absent between each row and the one before it, shape (m,); 0 for the first and between twins."""
    first = line.open_time_ms[:1] - line.interval_ms
    jumps = np.diff(line.open_time_ms, prepend=first)
    absent: FloatArray = np.maximum(jumps // line.interval_ms - 1, 0).astype(np.float64)
    return absent
