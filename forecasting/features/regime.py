"""Regime of a market at each close: uptrend, downtrend or chop, and how clear it is.

The score is the drift of the last 30 bars measured against their own noise: the sum S of the one-bar log returns
over the square root of N times the sum of their squares. It lies in [-1, 1] by Cauchy and Schwarz, and over a
whole window it is Student's t of the mean return, squeezed: ``score = t / sqrt(N - 1 + t**2)``. The label says
trend where the score passes `TREND_SCORE`, a quantile, so how often noise alone is called a trend is known:
one window in five. It describes the past window and forecasts nothing.

A window is computed directly from the candles inside it, as in `price`: a row is the same to the last bit alone
or among a million, and knows nothing of later candles. Between labels there is no memory, hence no hysteresis.

References
----------
Efron, B. (1969). Student's t-test under symmetry conditions. JASA 64: the ratio's law for unequal variances.
Gine, E., Goetze, F., Mason, D. (1997). When is the Student t-statistic asymptotically standard normal?
Moskowitz, T., Ooi, Y., Pedersen, L. (2012). Time series momentum. JFE 104: trends by their t statistic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from forecasting.candles import Candles
from forecasting.features.compilation import compiled
from forecasting.types import FloatArray, IntArray

REGIME_BARS = 30
# t / sqrt(29 + t**2) at the 90 % quantile of Student's t with 29 degrees of freedom: one window of independent
# normal returns in ten passes it on either side.
TREND_SCORE = 0.23661


class Regime(StrEnum):
    """What the last bars of a market look like."""

    UPTREND = "uptrend"
    DOWNTREND = "downtrend"
    CHOP = "chop"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RegimeTag:
    """The regime that goes with a forecast.

    Attributes
    ----------
    label
        Uptrend, downtrend or chop; unknown where history is missing.
    score
        In [-1, 1], positive where the price rose; None where history is missing.
    window_bars
        Number of one-bar returns that it looks at, in candles of the horizon's base interval.
    """

    label: Regime
    score: float | None
    window_bars: int = REGIME_BARS


def regime_of(score: float) -> Regime:
    """Label of a score; NaN, which means that history is missing, is unknown.

    Examples
    --------
    >>> regime_of(0.5).value, regime_of(-0.1).value, regime_of(float("nan")).value
    ('uptrend', 'chop', 'unknown')
    """
    if math.isnan(score):
        return Regime.UNKNOWN
    if score > TREND_SCORE:
        return Regime.UPTREND
    return Regime.DOWNTREND if score < -TREND_SCORE else Regime.CHOP


def regime_scores(candles: Candles) -> FloatArray:
    """Score at each candle's close.

    Parameters
    ----------
    candles
        Closed candles of one symbol, oldest first; absent ones stay missing.

    Returns
    -------
    FloatArray
        Shape (n,): in [-1, 1]; NaN where fewer than two thirds of the window's returns are known.
    """
    return _columns(candles, 0)[:, 0]


def latest_regime(candles: Candles) -> RegimeTag:
    """Regime at the close of the newest candle, the same to the last bit as in `regime_scores`.

    Parameters
    ----------
    candles
        Closed candles of one symbol, oldest first; the newest 31 are looked at. None at all is unknown.
    """
    recent = candles.take(slice(max(0, len(candles) - REGIME_BARS - 1), None))
    if not len(recent):
        return RegimeTag(Regime.UNKNOWN, None)
    score = float(_columns(recent, len(recent) - 1)[0, 0])
    return RegimeTag(regime_of(score), None if math.isnan(score) else score)


def _columns(candles: Candles, first: int) -> FloatArray:
    step_ms = candles.interval_ms
    bar = candles.open_time_ms // step_ms
    # A copy is contiguous and writable: one compiled signature serves all.
    log_returns = one_bar_log_returns(bar, np.array(candles.close, dtype=np.float64))
    out = np.empty((len(candles) - first, 2))
    fill_regime_features(bar, log_returns, first, len(candles), 0, out)
    return out


@compiled
def one_bar_log_returns(bar: IntArray, close: FloatArray) -> FloatArray:
    """Log return of each candle since the one before it, shape (n,); NaN when that one is absent or not given.

    Compiled, because the bits of numpy's own logarithm may depend on where in an array a number stands.
    """
    returns = np.full(len(close), math.nan)
    for at in range(1, len(close)):
        if bar[at] - bar[at - 1] == 1:
            returns[at] = math.log(close[at] / close[at - 1])
    return returns


@compiled
def fill_regime_features(
    bar: IntArray, log_returns: FloatArray, first: int, last: int, column: int, out: FloatArray
) -> None:
    """Write two columns of rows first..last-1 to the rows 0..last-first-1 of `out`.

    Parameters
    ----------
    bar
        Shape (n,): each candle's number on the interval's grid, strictly increasing; an absent one is a jump.
    log_returns
        Shape (n,): `one_bar_log_returns` of the candles.
    first, last
        Rows to compute; of earlier rows those of the last `REGIME_BARS` bars are looked at.
    column
        Where in `out` the score goes; the label's number (1 uptrend, 0 chop, -1 downtrend) goes beside it.
    out
        Shape (rows, at least column + 2); both are NaN where history is missing.
    """
    for row in range(first, last):
        score = _score(bar, log_returns, row)
        target = out[row - first]
        target[column] = score
        target[column + 1] = _number(score)


@compiled
def _number(score: float) -> float:
    """1 for uptrend, 0 for chop, -1 for downtrend, NaN for unknown: `regime_of` for the kernel."""
    if math.isnan(score):
        return math.nan
    return math.copysign(1.0, score) if abs(score) > TREND_SCORE else 0.0


@compiled
def _score(bar: IntArray, log_returns: FloatArray, row: int) -> float:
    """Sum of the window's returns over the root of N times their squares; 0 when the price stood still."""
    count, total, squares, at = 0, 0.0, 0.0, row
    while at >= 0 and bar[at] > bar[row] - REGIME_BARS:
        value = log_returns[at]
        if math.isfinite(value):
            count += 1
            total += value
            squares += value * value
        at -= 1
    if count < (2 * REGIME_BARS + 2) // 3:
        return math.nan
    # An absent return adds to neither sum, as if the price had stood still: it can only weaken the score.
    score = total / math.sqrt(REGIME_BARS * squares) if squares > 0.0 else 0.0
    return min(1.0, max(-1.0, score))
