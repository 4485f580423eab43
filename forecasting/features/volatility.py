"""How much a market moves in one bar, told at the close of each candle: the scale of an interval."""

from __future__ import annotations

import math

import numpy as np

from forecasting.candles import Candles
from forecasting.features.compilation import compiled
from forecasting.types import FloatArray, IntArray

DECAY = 0.94
# As many as every feature row has behind it: training, judging and serving tell the same volatility to the last bit.
VOLATILITY_BARS = 30
LEAST_RETURNS = 20


def ewma_volatility(candles: Candles) -> FloatArray:
    """Exponentially weighted root mean square of one-bar returns up to each close.

    A return of `k` bars ago weighs 0.94^k. Only the last 30 bars count, so a row is the same to the last bit however
    many candles lie before them. The return over a gap is no one-bar return and counts for nothing.

    Parameters
    ----------
    candles
        Closed candles, n of them.

    Returns
    -------
    FloatArray
        Shape (n,): a fraction a bar, known at each candle's close; NaN where fewer than 20 of the 30 returns are
        known.

    References
    ----------
    J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, 4th edition, section 5.2.
    """
    volatility = np.full(len(candles), np.nan)
    # Position in time, not in the table: a gap ages what lies before it.
    _fill(candles.open_time_ms // candles.interval_ms, candles.close, volatility)
    return volatility


def latest_volatility(candles: Candles) -> float:
    """Volatility at the last close alone, to the same bits; NaN where it is not known."""
    return float(ewma_volatility(candles.take(slice(-VOLATILITY_BARS - 1, None)))[-1])


@compiled
def _fill(bar: IntArray, close: FloatArray, volatility: FloatArray) -> None:
    for row in range(len(close)):
        total, weights, returns, share, age, older = 0.0, 0.0, 0, 1.0, 0, row
        while older > 0 and bar[row] - bar[older] < VOLATILITY_BARS:
            while age < bar[row] - bar[older]:
                age, share = age + 1, share * DECAY
            if bar[older] - bar[older - 1] == 1:
                change = close[older] / close[older - 1] - 1.0
                total, weights, returns = total + share * (change * change), weights + share, returns + 1
            older -= 1
        if returns >= LEAST_RETURNS:
            volatility[row] = math.sqrt(total / weights)
