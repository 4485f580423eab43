"""Regime of a row of features: what `features.regime` says of the candles, as far as a row knows it."""

from __future__ import annotations

import numpy as np

from forecasting.baselines.log_returns import log_of_return
from forecasting.features.regime import REGIME_BARS, TREND_SCORE, Regime
from forecasting.features.specification import FeatureSpec
from forecasting.forecaster.members import volatility_name
from forecasting.types import FloatArray, TextArray


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
    spread = X[:, spec.names.index(volatility_name(spec))]
    squares = (REGIME_BARS - 1) * spread * spread + total * total / REGIME_BARS
    # A price that stood still has no squares, and no trend.
    scores = np.divide(total, np.sqrt(REGIME_BARS * squares), out=total.copy(), where=squares > 0)
    labels = np.where(
        scores > TREND_SCORE, Regime.UPTREND, np.where(scores < -TREND_SCORE, Regime.DOWNTREND, Regime.CHOP)
    )
    return np.where(np.isnan(total) | np.isnan(spread), Regime.UNKNOWN, labels).astype(np.str_)
