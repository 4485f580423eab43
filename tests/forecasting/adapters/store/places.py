"""Where a test's store is, in words that another process understands, and the candles that tests write."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forecasting.adapters.store import open_store
from forecasting.adapters.store.port import DocumentStore
from forecasting.candles import Candles
from forecasting.types import interval_ms, parse_utc

SERVER_URI = os.environ.get("FORETICK_TEST_MONGO_URI")


@dataclass(frozen=True)
class Place:
    """One empty store of a test."""

    mongo_uri: str | None
    path: Path
    database: str

    def open(self) -> DocumentStore:
        return open_store(self.mongo_uri, self.path, self.database)


def candles_of(
    count: int, *, seed: int = 3, start: str = "2024-01-30", interval: str = "1m", symbol: str = "BTC/USDT"
) -> Candles:
    """Valid candles without a gap; close to the end of a month unless told otherwise."""
    rng = np.random.default_rng(seed)
    low, opening, close, high = np.sort(rng.uniform(1, 2, (4, count)), axis=0)
    times = parse_utc(start) // interval_ms(interval) * interval_ms(interval)
    opens = times + interval_ms(interval) * np.arange(count)
    return Candles(symbol, interval, opens, opening, high, low, close, rng.uniform(0, 9, count))


def same(left: Candles, right: Candles) -> bool:
    """Whether two tables are equal to the last bit."""
    return left.fingerprint() == right.fingerprint()
