"""Prices whose volatility clusters and then triples: what intervals are tried on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.candles import Candles
from forecasting.features.volatility import ewma_volatility
from forecasting.intervals.rows import ForecastRows
from forecasting.targets import forward_returns
from forecasting.types import HOUR_MS, BoolArray, FloatArray

SYMBOL = "GARCH/SIM"
BAR_DEVIATION = 0.005
STEADY_BARS, SHOCK_BARS = 2000, 500
SHOCK = 3.0


def garch_returns(rng: np.random.Generator, bars: int) -> FloatArray:
    """GARCH(1, 1) returns with Student's t shocks of five degrees of freedom, of long-run deviation one."""
    shocks = (rng.standard_t(5, bars) * math.sqrt(0.6)).tolist()
    returns, variance = np.empty(bars), 1.0
    for bar, shock in enumerate(shocks):
        returns[bar] = math.sqrt(variance) * shock
        variance = 0.02 + 0.06 * returns[bar] ** 2 + 0.92 * variance
    return returns


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Forecasts of zero on one path, and which of them are judged.

    Attributes
    ----------
    rows
        A row a bar.
    steady, shaken
        Shape (n,): rows whose label ends before volatility triples, and the first 500 after it.
    """

    rows: ForecastRows
    steady: BoolArray
    shaken: BoolArray


def trial(rng: np.random.Generator, look_ahead_bars: int) -> Trial:
    """Draw a path: quiet for 100 labels that do not overlap, judged for 2,000 rows, then shaken."""
    warm = max(2000, 100 * look_ahead_bars)
    shaken_from = warm + STEADY_BARS + look_ahead_bars
    returns = BAR_DEVIATION * garch_returns(rng, shaken_from + SHOCK_BARS + look_ahead_bars)
    returns[shaken_from:] *= SHOCK
    close = 100 * np.exp(np.cumsum(np.r_[0.0, returns]))
    times = HOUR_MS * np.arange(len(close))
    candles = Candles(SYMBOL, "1h", times, close, close, close, close, np.ones(len(close)))
    volatility, y = ewma_volatility(candles), forward_returns(candles, look_ahead_bars * HOUR_MS)
    bar = np.flatnonzero(~np.isnan(volatility) & ~np.isnan(y))
    as_of_ms = candles.close_time_ms[bar]
    rows = ForecastRows(
        (SYMBOL,),
        np.zeros(len(bar), dtype=np.int64),
        as_of_ms,
        as_of_ms + look_ahead_bars * HOUR_MS,
        np.zeros(len(bar)),
        volatility[bar],
        y[bar],
    )
    steady = (bar >= warm) & (bar < warm + STEADY_BARS)
    return Trial(rows, steady, (bar >= shaken_from) & (bar < shaken_from + SHOCK_BARS))
