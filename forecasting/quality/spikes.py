"""Prices that leap away from both the rows before and the rows after, and come back."""

from __future__ import annotations

import numpy as np

from forecasting.quality.timeline import Timeline, filled, levels_around, log_prices
from forecasting.types import FloatArray

NEIGHBOURHOOD = 60
# E|x| of a standard normal.
MEAN_DEVIATION = np.sqrt(2 / np.pi)


def spike_distances(line: Timeline) -> FloatArray:
    """How far the worst price of each row lies outside of the level before it and the level after it.

    A level is the median of five closes, so a burst of three wrong rows cannot hide itself. A price counts only
    as far as it lies on the same side of both levels: a market that moves, however fast, is no spike. At the
    ends of the series one level is enough.

    Returns
    -------
    FloatArray
        Shape (m,): natural logarithm of the ratio, zero or more.
    """
    prices = log_prices(line.values)
    before, after = levels_around(prices[:, 3])
    before, after = np.where(np.isnan(before), after, before), np.where(np.isnan(after), before, after)
    above = prices - np.maximum(before, after)[:, None]
    below = np.minimum(before, after)[:, None] - prices
    return np.asarray(np.fmax(np.fmax.reduce(np.maximum(above, below), axis=1), 0.0))


def in_local_sigmas(line: Timeline, distances: FloatArray) -> FloatArray:
    """Express distances in standard deviations of one local log return, shape (m,).

    0 for the first and the last row: whether a price comes back is seen by the row after it. Minutes that arrive one
    by one would otherwise be called a spike whenever news come, several times in a month.
    """
    sigmas = distances / local_sigmas(line)
    sigmas[:1] = sigmas[-1:] = 0.0
    return sigmas


def local_sigmas(line: Timeline) -> FloatArray:
    """Return the standard deviation of one candle's log return around each row, shape (m,), never zero.

    The mean absolute return of the 60 rows on either side, each return counted up to ten times the median of
    the series, so that the spike that is to be judged does not raise the bar for itself.
    """
    closes = filled(log_prices(line.values)[:, 3])
    returns = np.nan_to_num(np.abs(np.diff(closes, prepend=closes[:1])))
    moving = returns[returns > 0]
    usual = float(np.median(moving)) if len(moving) else 1.0
    sums = np.concatenate([[0.0], np.cumsum(np.minimum(returns, 10 * usual))])
    places = np.arange(len(returns))
    stop = np.minimum(places + NEIGHBOURHOOD + 1, len(returns))
    start = np.maximum(places - NEIGHBOURHOOD, 0)
    local = (sums[stop] - sums[start]) / (stop - start) / MEAN_DEVIATION
    # A market that stood still for hours may still move by its usual step.
    return np.asarray(np.maximum(local, usual / 2))
