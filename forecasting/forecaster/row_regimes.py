"""Regime of a row of features: what `features.regime` says of the candles, as far as a row knows it."""

from __future__ import annotations

import math

import numpy as np

from forecasting.baselines.log_returns import log_of_return
from forecasting.features.compilation import compiled
from forecasting.features.regime import REGIME_BARS, TREND_SCORE, Regime
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.members import volatility_name
from forecasting.types import FloatArray, IntArray, TextArray

_LABELS = np.array([Regime.CHOP, Regime.UPTREND, Regime.DOWNTREND, Regime.UNKNOWN]).astype(np.str_)
_CHOP, _UP, _DOWN, _UNKNOWN = range(len(_LABELS))


def row_regimes(X: FloatArray, spec: FeatureSpec) -> TextArray:
    """Name the regime of each row, from its return and its volatility over the last 30 bars.

    The score of candles needs every return of the window; a row has their sum, and their spread, which is that of
    simple returns and not of logarithms. So where no candle is absent 98 in 100 rows or more get the candles' own
    regime, all others one that lies beside it, and a row whose first candle of the window is absent gets none.

    Parameters
    ----------
    X
        Shape (n, k): the spec's features in its order; NaN where missing.

    Returns
    -------
    TextArray
        Shape (n,): names of `Regime`.
    """
    total = log_of_return(X[:, spec.names.index(spec.return_name(REGIME_BARS))])
    spread = np.ascontiguousarray(X[:, spec.names.index(volatility_name(spec))])
    numbers = np.empty(len(X), dtype=np.int64)
    _fill_numbers(total, spread, numbers)
    return _LABELS[numbers]


@compiled
def _fill_numbers(total: FloatArray, spread: FloatArray, numbers: IntArray) -> None:
    for row in range(len(total)):
        squares = (REGIME_BARS - 1) * spread[row] * spread[row] + total[row] * total[row] / REGIME_BARS
        # A price that stood still has no squares, and no trend.
        score = total[row] / math.sqrt(REGIME_BARS * squares) if squares > 0.0 else total[row]
        if math.isnan(total[row]) or math.isnan(spread[row]):
            numbers[row] = _UNKNOWN
        elif abs(score) <= TREND_SCORE:
            numbers[row] = _CHOP
        else:
            numbers[row] = _UP if score > 0.0 else _DOWN
