"""A small simulated market: hours of two symbols whose last move partly returns, and what their rows are."""

from __future__ import annotations

import numpy as np

from forecasting.adapters.walk_rows import WalkRows
from forecasting.candles import Candles
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.horizons import Horizon, load_horizons
from forecasting.types import HOUR_MS, parse_utc

FIRST_MS = parse_utc("2025-01-01")


def quick_horizon(**changes: object) -> Horizon:
    """The hour with members that are fitted at once."""
    members = {"members": ("naive", "persistence", "ar1"), "member_settings": {}}
    return load_horizons()["1h"].model_copy(update={**members, **changes})


def hours(symbol: str, seed: int, rows: int, pull: float = -0.3) -> Candles:
    """Hourly candles whose returns answer the one before with a share of it."""
    drawn = 0.006 * np.random.default_rng(seed).standard_normal(rows)
    returns = np.empty(rows)
    returns[0] = drawn[0]
    for at in range(1, rows):
        returns[at] = drawn[at] + pull * returns[at - 1]
    close = 100 * np.exp(np.cumsum(returns))
    opened = np.concatenate([[100.0], close[:-1]])
    times = FIRST_MS + HOUR_MS * np.arange(rows)
    return Candles(
        symbol,
        "1h",
        times,
        opened,
        np.maximum(opened, close),
        np.minimum(opened, close),
        close,
        np.ones(rows),
    )


def walk_rows(
    horizon: Horizon, rows: int = 1_000, symbols: tuple[str, ...] = ("AAA/USDT", "BBB/USDT")
) -> WalkRows:
    """Rows and candles as the store would give them."""
    candles = {symbol: hours(symbol, seed, rows) for seed, symbol in enumerate(symbols)}
    spec = feature_spec(horizon, symbols)
    return WalkRows(build_dataset(markets_of(candles), horizon, spec), spec, candles)
