"""A store of hours, and what a server holds of it in memory."""

import numpy as np

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.candles import Candles
from forecasting.errors import StoreUnavailable
from forecasting.types import HOUR_MS, parse_utc
from serving.answers.held import HeldMarket
from serving.answers.market import StoreDoor

START_MS = parse_utc("2025-12-20")
AAA = "AAA/USDT"


def candles_at(hours, close=100.0, symbol=AAA):
    opens = START_MS + np.array(sorted(hours), dtype=np.int64) * HOUR_MS
    values = close + np.sin(opens / HOUR_MS)
    return Candles(symbol, "1h", opens, values, values + 1, values - 1, values, values)


class World:
    """A store, and what is held of it; the clock stands until a test moves it."""

    def __init__(self, folder):
        self.now_ms = START_MS + 1000 * HOUR_MS
        self.store = open_store(None, folder / "store.db", "unused")
        self.door = StoreDoor(lambda: self.store)
        self.candles, self.events = CandleStore(self.store), EventStore(self.store)
        self.held = HeldMarket(self.door, self.door, lambda: self.now_ms)

    def read(self, first, last, interval="1h", symbol=AAA):
        bounds = START_MS + first * HOUR_MS, START_MS + last * HOUR_MS
        return self.held.market.candles.read_base(symbol, interval, *bounds)

    def version(self):
        return self.held.version([AAA])


def gone(*_, **__):
    """What a store that is away answers to everything."""
    raise StoreUnavailable("gone")
