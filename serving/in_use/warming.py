"""Forecasts from made-up candles, so that no request waits for kernels to be compiled or loaded."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from forecasting.candles import VALUE_COLUMNS, Candles
from forecasting.events import Events
from forecasting.features.market import MarketData
from forecasting.features.regime import latest_regime
from forecasting.features.table import latest_features
from forecasting.features.volatility import VOLATILITY_BARS, latest_volatility
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.naive import INTERVAL_LABELS, naive_forecast
from forecasting.horizons import Horizon
from forecasting.types import interval_ms


def warm(forecaster: Forecaster) -> None:
    """Compute one forecast of a model."""
    spec = forecaster.spec
    candles = _flat_candles(spec.base_interval, spec.history_bars + 1)
    as_of_ms = int(candles.close_time_ms[-1])
    events = Events(candles.open_time_ms[-1:], np.zeros(1, np.int64), np.zeros(1, np.bool_), 0, as_of_ms)
    _, row = latest_features(
        MarketData(candles, events, dict.fromkeys(spec.others(()), candles)), spec, as_of_ms
    )
    forecaster.predict(row[None, :])
    latest_regime(candles)
    latest_volatility(candles)


def warm_naive(horizons: Iterable[Horizon]) -> None:
    """Compute a forecast of naive over each: on a server without a model the first would take most of a second."""
    for horizon in horizons:
        count = horizon.look_ahead_bars + VOLATILITY_BARS + INTERVAL_LABELS
        candles = _flat_candles(horizon.base_interval, count)
        naive_forecast(candles, horizon, int(candles.close_time_ms[-1]))
        latest_regime(candles)


def _flat_candles(interval: str, count: int) -> Candles:
    opens = np.arange(count, dtype=np.int64) * interval_ms(interval)
    prices = np.ones(count)
    return Candles("WARM/UP", interval, opens, *(prices for _ in VALUE_COLUMNS))
