"""What is forecast: the return from a candle's close to the close one look-ahead later."""

from __future__ import annotations

import numpy as np

from forecasting.candles import Candles
from forecasting.types import FloatArray


def forward_returns(candles: Candles, look_ahead_ms: int) -> FloatArray:
    """Return of each candle's close over the label span [close time, close time + look_ahead_ms].

    Parameters
    ----------
    candles
        Closed candles, n of them.
    look_ahead_ms
        Length of the label span in milliseconds; a whole number of candles.

    Returns
    -------
    FloatArray
        Shape (n,): close(t + look-ahead) / close(t) - 1, a fraction; NaN where the candle that closes at
        t + look-ahead is absent, so that no label is stretched over a gap.
    """
    ends = candles.open_time_ms + look_ahead_ms
    row = np.searchsorted(candles.open_time_ms, ends)
    row[row == len(candles)] = 0
    returns = np.full(len(candles), np.nan)
    found = np.flatnonzero(candles.open_time_ms[row] == ends)
    returns[found] = candles.close[row[found]] / candles.close[found] - 1.0
    return returns


def exceeds(returns: FloatArray, threshold: float) -> FloatArray:
    """Classification target: 1.0 where the return is above the threshold, 0.0 where not, NaN where missing.

    Parameters
    ----------
    returns
        Shape (n,): returns as fractions.
    threshold
        A fraction, 0.001 = 0.1 %; a return equal to it does not exceed it.

    Examples
    --------
    >>> exceeds(np.array([0.002, 0.001, np.nan]), 0.001).tolist()
    [1.0, 0.0, nan]
    """
    return np.where(np.isnan(returns), np.nan, returns > threshold)
