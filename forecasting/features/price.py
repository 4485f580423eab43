"""Compiled price features: each row's windows are computed directly from the candles inside them.

No sum runs on from row to row, so a row is the same to the last bit whether it is computed alone or among a
million, and what happened before its window cannot echo in it. Windows are cut by time, not by row count: a
return with an absent end is missing, never stretched over the gap.

References
----------
J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th edition, section 5.2: decay 0.94.
"""

from __future__ import annotations

import math

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.types import FloatArray, IntArray

EWMA_DECAY = 0.94
# Two closes that are right to the last bit give a return that is right to about 2e-16: a spread below this is
# rounding, and dividing by it would blow rounding up to a signal.
LEAST_DEVIATION = 1e-14


def one_bar_returns(bar: IntArray, close: FloatArray) -> FloatArray:
    """Return of each candle since the one before it, shape (n,); NaN when that one is absent or not given."""
    returns = np.full(len(close), np.nan)
    np.divide(close[1:], close[:-1], out=returns[1:], where=np.diff(bar) == 1)
    returns -= 1.0
    return returns


@compiled
def fill_price_features(
    bar: IntArray,
    close: FloatArray,
    returns: FloatArray,
    window: int,
    periods: IntArray,
    volatility_windows: IntArray,
    first: int,
    last: int,
    out: FloatArray,
) -> None:
    """Write the price columns of rows first..last-1 to the rows 0..last-first-1 of `out`.

    Parameters
    ----------
    bar
        Shape (n,): each candle's number on the interval's grid, strictly increasing; an absent one is a jump.
    close, returns
        Shape (n,): closing prices and their `one_bar_returns`.
    window
        One-bar returns in the longest window.
    periods
        Shape (p,): return look-backs in bars.
    volatility_windows
        Shape (v,): one-bar returns in each volatility, the last one `window` itself, which the z-score uses.
    first, last
        Rows to compute; earlier rows are only looked at.
    out
        Shape (rows, at least p + v + 4): points, returns, volatilities, z-score, drawdown, weighted return.
    """
    # Windows are arguments: another module's constants would stay frozen in the cached machine code.
    weights = EWMA_DECAY ** np.arange(window, dtype=np.float64)
    for row in range(first, last):
        target, newest, stop = out[row - first], bar[row], row + 1
        begin = first_row_from(bar, row, newest - window + 1)
        target[0] = stop - begin
        column = 1
        for period in periods:
            earlier = first_row_from(bar, row, newest - period)
            found = bar[earlier] == newest - period
            target[column] = close[row] / close[earlier] - 1.0 if found else math.nan
            column += 1
        mean, deviation = math.nan, math.nan
        for bars in volatility_windows:
            start = first_row_from(bar, row, newest - bars + 1)
            mean, deviation = _mean_and_deviation(returns, start, stop, max(2, (2 * bars + 2) // 3))
            target[column] = deviation
            column += 1
        target[column] = (returns[row] - mean) / deviation if deviation > LEAST_DEVIATION else math.nan
        target[column + 1] = _max_drawdown(close, first_row_from(bar, row, newest - window), stop)
        target[column + 2] = _weighted_mean(bar, returns, weights, begin, stop)


@compiled
def first_row_from(bar: IntArray, row: int, wanted: int) -> int:
    """First row whose bar is `wanted` or later, for a `wanted` not later than the row's own."""
    # Bars increase by one at least, so it is at most the difference of bars back: just there without a gap.
    low: int = max(0, row - (bar[row] - wanted))
    high = row
    while low < high and bar[low] < wanted:
        middle = (low + high) // 2
        if bar[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _mean_and_deviation(returns: FloatArray, start: int, stop: int, least: int) -> tuple[float, float]:
    """Mean and sample deviation of the returns present; NaN when fewer than `least` are."""
    count, total = 0, 0.0
    for at in range(start, stop):
        present = not math.isnan(returns[at])
        count += present
        total += returns[at] if present else 0.0
    if count < least:
        return math.nan, math.nan
    mean, squares = total / count, 0.0
    for at in range(start, stop):
        apart = 0.0 if math.isnan(returns[at]) else returns[at] - mean
        squares += apart * apart
    return mean, math.sqrt(squares / (count - 1))


@compiled
def _max_drawdown(close: FloatArray, start: int, stop: int) -> float:
    """Deepest fall below the running peak: zero or negative."""
    peak, deepest = close[start], 0.0
    for at in range(start, stop):
        peak = max(peak, close[at])
        deepest = min(deepest, close[at] / peak - 1.0)
    return deepest


@compiled
def _weighted_mean(bar: IntArray, returns: FloatArray, weights: FloatArray, start: int, stop: int) -> float:
    """Mean of the returns present, weighted by their age in bars; NaN when none is present."""
    total, weight = 0.0, 0.0
    for at in range(start, stop):
        own = 0.0 if math.isnan(returns[at]) else weights[bar[stop - 1] - bar[at]]
        total += own * returns[at] if own > 0.0 else 0.0
        weight += own
    return total / weight if weight > 0.0 else math.nan
