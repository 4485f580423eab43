"""Compiled columns of open, high, low and close: range volatilities and the shape of the newest candle.

References
----------
Parkinson (1980), Journal of Business 53. Garman and Klass (1980), Journal of Business 53.
Rogers and Satchell (1991), Annals of Applied Probability 1.
"""

from __future__ import annotations

import math

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.features.windows import is_whole
from forecasting.types import FloatArray, IntArray


@compiled
def variance_terms(open: FloatArray, high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:  # noqa: A002
    """Compute what each candle adds to the variances, shape (3, n): Parkinson, Garman-Klass, Rogers-Satchell.

    Compiled, because the bits of numpy's own logarithm may depend on where in an array a number stands.
    """
    terms = np.empty((3, len(close)))
    for at in range(len(close)):
        spread, body = math.log(high[at] / low[at]), math.log(close[at] / open[at])
        above, below = math.log(high[at] / open[at]), math.log(low[at] / open[at])
        terms[0, at] = spread * spread / (4.0 * math.log(2.0))
        terms[1, at] = 0.5 * spread * spread - (2.0 * math.log(2.0) - 1.0) * body * body
        terms[2, at] = above * (above - body) + below * (below - body)
    return terms


@compiled
def fill_ranges(
    bar: IntArray,
    open: FloatArray,  # noqa: A002
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    terms: FloatArray,
    windows: IntArray,
    first: int,
    last: int,
    column: int,
    out: FloatArray,
) -> None:
    """Write the range columns of rows first..last-1, beginning at `column` of `out`.

    Parameters
    ----------
    bar, open, high, low, close
        Shape (n,): number on the interval's grid and prices of each candle.
    terms
        See `variance_terms`.
    windows
        Bars of the volatilities.
    first, last
        Rows to compute; earlier rows are only looked at.
    column, out
        Columns from `column` on of `out`, shape (rows, k): each volatility over all windows, then five of shape.
    """
    for row in range(first, last):
        target = out[row - first, column:]
        at = 0
        for kind in range(len(terms)):
            for bars in windows:
                target[at] = _volatility(bar, terms[kind], row, bars)
                at += 1
        upper, lower = max(open[row], close[row]), min(open[row], close[row])
        spread = high[row] - low[row]
        target[at] = math.log(high[row] / low[row])
        target[at + 1] = math.log(close[row] / open[row])
        target[at + 2] = math.log(high[row] / upper)
        target[at + 3] = math.log(lower / low[row])
        target[at + 4] = (close[row] - low[row]) / spread if spread > 0.0 else math.nan


@compiled
def _volatility(bar: IntArray, terms: FloatArray, row: int, bars: int) -> float:
    if not is_whole(bar, row, bars):
        return math.nan
    total = 0.0
    for at in range(row - bars + 1, row + 1):
        total += terms[at]
    # Rounding may leave a sum that should be zero just below it.
    return math.sqrt(max(total, 0.0) / bars)
