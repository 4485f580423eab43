"""Compiled columns of closing prices: log returns, RSI, MACD, Bollinger position, drawdown and run-up.

Each row is computed directly from its own window, as in `price`; an absent candle in it leaves the value missing.
Indicators that are usually recursions over all history are cut off where their definition says, so that a row
has a history of known length.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.features.definitions.extended import (
    BOLLINGER_BARS,
    FAST_BARS,
    LOG_PERIODS,
    RSI_BARS,
    RSI_WINDOW,
    SCALED_PERIOD,
    SIGNAL_BARS,
    SLOW_BARS,
    SPANS_KEPT,
    WINDOW_BARS,
)
from forecasting.features.windows import LEAST_SPREAD, is_whole, mean_and_deviation, weighted_sum
from forecasting.types import FloatArray, IntArray


def ema_weights(bars: int) -> FloatArray:
    """Weights of an exponential mean over so many bars, newest first, cut off after `SPANS_KEPT` times as many.

    Examples
    --------
    >>> weights = ema_weights(2)
    >>> len(weights), round(float(weights[0] / weights[1]), 6), round(float(weights.sum()), 12)
    (6, 3.0, 1.0)
    """
    weights: FloatArray = (1 - 2 / (bars + 1)) ** np.arange(SPANS_KEPT * bars, dtype=np.float64)
    return weights / float(weights.sum())


@cache
def indicator_weights() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weights of a close in MACD and in its histogram, and of a change in RSI, newest first.

    MACD is a difference of two weighted sums of closes, so its histogram is one weighted sum too.
    """
    macd = -ema_weights(SLOW_BARS)
    macd[: SPANS_KEPT * FAST_BARS] += ema_weights(FAST_BARS)
    histogram = -np.convolve(macd, ema_weights(SIGNAL_BARS))
    histogram[: len(macd)] += macd
    return macd, histogram, (1 - 1 / RSI_BARS) ** np.arange(RSI_WINDOW, dtype=np.float64)


@cache
def momentum_windows() -> IntArray:
    """Bars of the log returns, and at the end those that the kernel takes by name."""
    return np.array([*LOG_PERIODS, SCALED_PERIOD, WINDOW_BARS, BOLLINGER_BARS], dtype=np.int64)


@compiled
def fill_momentum(
    bar: IntArray,
    close: FloatArray,
    returns: FloatArray,
    windows: IntArray,
    macd: FloatArray,
    histogram: FloatArray,
    rsi: FloatArray,
    first: int,
    last: int,
    column: int,
    out: FloatArray,
) -> None:
    """Write the momentum columns of rows first..last-1, beginning at `column` of `out`.

    Parameters
    ----------
    bar, close, returns, first, last
        As for `fill_price_features`.
    windows
        See `momentum_windows`.
    macd, histogram, rsi
        See `indicator_weights`.
    column, out
        Columns column..column+10 of `out`, shape (rows, k), are written.
    """
    # Windows are arguments: another module's constants would stay frozen in the cached machine code.
    periods = windows[:-3]
    scaled_period, window, bollinger_bars = windows[-3:]
    for row in range(first, last):
        target = out[row - first, column:]
        for number, period in enumerate(periods):
            target[number] = _log_return(bar, close, row, period)
        rest = target[len(periods) :]
        rest[0] = _scaled_return(bar, close, returns, row, scaled_period, window)
        rest[1] = _rsi(bar, close, row, rsi)
        rest[2] = _weighted_share(bar, close, row, macd)
        rest[3] = _weighted_share(bar, close, row, histogram)
        rest[4] = _bollinger(bar, close, row, bollinger_bars)
        rest[5], rest[6], rest[7] = _extremes(bar, close, row, window + 1)


@compiled
def _log_return(bar: IntArray, close: FloatArray, row: int, period: int) -> float:
    return math.log(close[row] / close[row - period]) if is_whole(bar, row, period + 1) else math.nan


@compiled
def _scaled_return(
    bar: IntArray, close: FloatArray, returns: FloatArray, row: int, period: int, window: int
) -> float:
    if not is_whole(bar, row, window + 1):
        return math.nan
    _, deviation = mean_and_deviation(returns, row - window + 1, row + 1, 1)
    moved = math.log(close[row] / close[row - period])
    return moved / (deviation * math.sqrt(period)) if deviation > LEAST_SPREAD else math.nan


@compiled
def _rsi(bar: IntArray, close: FloatArray, row: int, weights: FloatArray) -> float:
    """Share of the rises in all movement, 0 to 100; NaN when the price did not move."""
    if not is_whole(bar, row, len(weights) + 1):
        return math.nan
    rises, falls = 0.0, 0.0
    for age in range(len(weights)):
        change = weights[age] * (close[row - age] - close[row - age - 1])
        rises += max(change, 0.0)
        falls += max(-change, 0.0)
    return 100.0 * rises / (rises + falls) if rises + falls > 0.0 else math.nan


@compiled
def _weighted_share(bar: IntArray, close: FloatArray, row: int, weights: FloatArray) -> float:
    """Weighted sum of the last closes over the newest of them."""
    if not is_whole(bar, row, len(weights)):
        return math.nan
    share: float = weighted_sum(close, row + 1, weights) / close[row]
    return share


@compiled
def _bollinger(bar: IntArray, close: FloatArray, row: int, bars: int) -> float:
    if not is_whole(bar, row, bars):
        return math.nan
    mean, deviation = mean_and_deviation(close, row - bars + 1, row + 1, 0)
    return (close[row] - mean) / (2.0 * deviation) if deviation > LEAST_SPREAD * mean else math.nan


@compiled
def _extremes(bar: IntArray, close: FloatArray, row: int, bars: int) -> tuple[float, float, float]:
    """Fall below the peak, rise above the trough, and the greatest rise above a running trough."""
    if not is_whole(bar, row, bars):
        return math.nan, math.nan, math.nan
    peak, trough, greatest = 0.0, math.inf, 0.0
    for at in range(row - bars + 1, row + 1):
        peak, trough = max(peak, close[at]), min(trough, close[at])
        greatest = max(greatest, close[at] / trough - 1.0)
    return close[row] / peak - 1.0, close[row] / trough - 1.0, greatest
