"""When a forecast is stale: made of candles that are older than the breaker of the models allows."""

from __future__ import annotations

from forecasting.monitoring.breakers import STALE_CANDLES


def is_stale(asked_ms: int, as_of_ms: int, interval_ms: int) -> bool:
    """Whether the newest candle closed more than three intervals before the moment that was asked about."""
    return asked_ms - as_of_ms > STALE_CANDLES * interval_ms
