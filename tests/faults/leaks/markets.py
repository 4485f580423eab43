"""Made-up markets for planted leaks: hours of a few symbols with outages of their own, seeded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecasting.candles import Candles
from forecasting.leakage.market import Market
from forecasting.types import HOUR_MS

FIRST_MS = 1_704_067_200_000
SYMBOLS = ("AAA/USDT", "BBB/USDT", "CCC/USDT")


def gappy_market(seed: int) -> Market:
    """Two or three symbols over 40 to 60 days of hours; each has some outages, and one begins later."""
    rng = np.random.default_rng([seed, 77])
    hours = int(rng.integers(40, 60)) * 24
    names = SYMBOLS[: int(rng.integers(2, 4))]
    common = rng.standard_normal(hours)
    candles = {name: _walk(name, common, rng) for name in names}
    late = names[-1]
    return Market({**candles, late: candles[late].take(slice(int(rng.integers(0, 100)), None))})


def _walk(symbol: str, common: np.ndarray, rng: np.random.Generator) -> Candles:
    hours = len(common)
    close = 100 * np.exp(np.cumsum(0.006 * (0.6 * common + 0.8 * rng.standard_normal(hours))))
    opened = np.r_[close[0], close[:-1]]
    high, low = np.maximum(opened, close) * 1.001, np.minimum(opened, close) * 0.999
    times = FIRST_MS + HOUR_MS * np.arange(hours)
    whole = Candles(symbol, "1h", times, opened, high, low, close, 1 + rng.random(hours))
    absent = np.zeros(hours, dtype=np.bool_)
    for start in rng.integers(200, hours - 20, int(rng.integers(3, 9))):
        absent[start : start + int(rng.integers(1, 15))] = True
    return whole.take(~absent)


def revised(market: Market, seed: int) -> Market:
    """Return the same candles of which one to twenty have other values: the source changed them later."""
    rng = np.random.default_rng([seed, 78])
    symbol = str(rng.choice(list(market.candles)))
    candles = market.candles[symbol]
    close = candles.close.copy()
    rows = rng.choice(np.arange(100, len(close) - 30), int(rng.integers(1, 21)), replace=False)
    close[rows] *= 1 + rng.choice([-1, 1], len(rows)) * 10 ** rng.uniform(-4, -1, len(rows))
    changed = replace(
        candles, close=close, high=np.maximum(candles.high, close), low=np.minimum(candles.low, close)
    )
    return replace(market, candles={**market.candles, symbol: changed})
