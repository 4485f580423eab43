"""What a strategy earned from one open to the next: periods that do not overlap, whatever the look-ahead."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecasting.backtest.trading import ThresholdRule, rule_signals, trade
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.evaluation.columns import ForecastColumns
from forecasting.types import FloatArray


def strategy_returns(
    candles: Mapping[str, Candles], rows: Dataset, forecasts: ForecastColumns, rule: ThresholdRule
) -> FloatArray:
    """Return after costs of each open, averaged over symbols with one unit of capital each.

    Their sum is the profit that `backtest` gives. A symbol without a candle at an open earns nothing there.

    Parameters
    ----------
    candles
        Candles of the horizon's base interval, of every symbol that has rows.
    rows
        Judged rows, ordered by as_of.
    forecasts
        One forecast for each row.
    rule
        When to act, and the costs.

    Returns
    -------
    FloatArray
        Shape (opens,): fractions of one unit of capital, oldest first; none where there are no rows.
    """
    signals = rule_signals(forecasts, rule)
    paths = [
        trade(candles[symbol], rows.take(own), signals[own], rule.cost_bps)
        for number, symbol in enumerate(rows.symbols)
        if (own := rows.symbol == number).any()
    ]
    if not paths:
        return np.empty(0)
    opens, place = np.unique(np.concatenate([path.time_ms for path in paths]), return_inverse=True)
    net = np.concatenate([path.net for path in paths])
    return np.bincount(place, weights=net, minlength=len(opens)).astype(np.float64) / len(paths)
