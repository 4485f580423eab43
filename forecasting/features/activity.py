"""Compiled columns of volume: how much is traded, against the last bars, and how far little money moves the price.

References
----------
Amihud (2002), Illiquidity and stock returns, Journal of Financial Markets 5.
"""

from __future__ import annotations

import math

from forecasting.features.compilation import compiled
from forecasting.features.windows import LEAST_SPREAD, is_whole, mean_and_deviation
from forecasting.types import FloatArray, IntArray


@compiled
def fill_activity(
    bar: IntArray,
    close: FloatArray,
    volume: FloatArray,
    returns: FloatArray,
    window: int,
    first: int,
    last: int,
    column: int,
    out: FloatArray,
) -> None:
    """Write the volume columns of rows first..last-1, beginning at `column` of `out`.

    Parameters
    ----------
    bar, close, volume, returns
        Shape (n,): number on the interval's grid, closing price, volume and one-bar return of each candle.
    window
        Bars of all windows.
    first, last
        Rows to compute; earlier rows are only looked at.
    column, out
        Columns column..column+3 of `out`, shape (rows, k), are written.
    """
    for row in range(first, last):
        target = out[row - first, column:]
        mean, deviation = math.nan, math.nan
        if is_whole(bar, row, window):
            mean, deviation = mean_and_deviation(volume, row - window + 1, row + 1, 1)
        target[0] = math.log1p(volume[row] * close[row])
        target[1] = volume[row] / mean if mean > 0.0 else math.nan
        target[2] = (volume[row] - mean) / deviation if deviation > LEAST_SPREAD * mean else math.nan
        target[3] = _illiquidity(bar, close, volume, returns, row, window)


@compiled
def _illiquidity(
    bar: IntArray, close: FloatArray, volume: FloatArray, returns: FloatArray, row: int, window: int
) -> float:
    """Mean of |return| / traded money over the bars with volume, times a million; NaN when none has any."""
    if not is_whole(bar, row, window + 1):
        return math.nan
    traded, total = 0, 0.0
    for at in range(row - window + 1, row + 1):
        money = volume[at] * close[at]
        if money > 0.0:
            traded += 1
            total += abs(returns[at]) / money
    mean = 1e6 * total / traded if traded > 0 else math.nan
    # A volume of next to nothing gives no number that a model could use.
    return mean if mean < math.inf else math.nan
