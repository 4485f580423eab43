"""Made-up daily candles: random walks, so no direction can be known."""

from __future__ import annotations

import numpy as np

from forecasting.candles import Candles
from forecasting.types import DAY_MS

SYMBOLS = ("BTC/USD", "ETH/USD", "XMR/USD")


def daily_walks(days: int, *, first_day: int = 0, seed: int = 5) -> dict[str, Candles]:
    generator = np.random.default_rng(seed)
    shared = 0.02 * generator.standard_normal(days)
    walks = {}
    for symbol in SYMBOLS:
        close = 100 * np.exp(np.cumsum(shared + 0.02 * generator.standard_normal(days)))
        opens = np.append(100.0, close[:-1])
        times = (first_day + np.arange(days)) * DAY_MS
        highs, lows = np.maximum(opens, close), np.minimum(opens, close)
        walks[symbol] = Candles(symbol, "1d", times, opens, highs, lows, close, np.ones(days))
    return walks
