"""How much a market moves in one bar, told at the close of each candle: the scale of an interval."""

from __future__ import annotations

import numpy as np

from forecasting.baselines.log_returns import log_of_return
from forecasting.candles import Candles
from forecasting.types import FloatArray

HALF_LIFE_BARS = 12
# 0.5 ** (1 / 12): written out, for the C library's power differs in its last bit between machines.
DECAY = 0.9438743126816935
# Six half-lives: what lies further back would weigh 1.6 % together.
VOLATILITY_BARS = 72
LEAST_RETURNS = 20


def ewma_volatility(candles: Candles) -> FloatArray:
    """Exponentially weighted root mean square of one-bar log returns up to each close.

    A return of `k` bars ago weighs 2^(-k / 12). Only the last 72 bars count, so a row is the same to the last bit
    however many candles lie before them. The return over a gap is no one-bar return and counts for nothing.

    Parameters
    ----------
    candles
        Closed candles, n of them.

    Returns
    -------
    FloatArray
        Shape (n,): in units of log return a bar, known at each candle's close; NaN where fewer than 20 of the 72
        returns are known.

    References
    ----------
    J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th edition, section 5.2.
    """
    count = len(candles)
    squares, known = np.zeros(count), np.zeros(count)
    adjacent = np.flatnonzero(np.diff(candles.open_time_ms) == candles.interval_ms) + 1
    returns = log_of_return(candles.close[adjacent] / candles.close[adjacent - 1] - 1.0)
    squares[adjacent], known[adjacent] = np.square(returns), 1.0
    total, weight, returns_known = np.zeros(count), np.zeros(count), np.zeros(count)
    # Position in time, not in the table: a gap ages what lies before it.
    bar = (candles.open_time_ms - candles.open_time_ms[:1].sum()) // candles.interval_ms
    share = 1.0
    for age in range(VOLATILITY_BARS):
        row = np.searchsorted(bar, bar - age)
        there = (bar[row] == bar - age) & (known[row] > 0)
        total, weight = total + there * share * squares[row], weight + there * share
        returns_known, share = returns_known + there, share * DECAY
    enough = returns_known >= LEAST_RETURNS
    mean: FloatArray = np.divide(total, weight, out=np.full(count, np.nan), where=enough)
    return np.sqrt(mean)
