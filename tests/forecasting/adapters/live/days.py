"""Two small weeks of hourly candles, and a recipe that is fitted at once."""

from __future__ import annotations

from forecasting.adapters.live.known import KnownCandles
from forecasting.adapters.live.spoken import Spoken, Words
from forecasting.adapters.live.training import Recipe
from forecasting.adapters.live.walk import LivePlan
from forecasting.adapters.live.world import World
from forecasting.adapters.simulator import simulate_market
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, parse_utc
from tests.forecasting.rows import hourly_horizon

FIRST_MS = parse_utc("2025-01-01")
SYMBOLS = ("AAA/USDT", "BBB/USDT")


def small_market(days=40):
    return simulate_market(3, start_ms=FIRST_MS, hours=24 * days, symbols=SYMBOLS)


def closed_world(market):
    return World(KnownCandles.as_closed(market.candles.values()))


def quick_plan(first="2025-02-01", until="2025-02-04", symbols=()):
    members = {"members": ("naive", "persistence", "ar1"), "member_settings": {}, "train_window_days": 25}
    horizon = hourly_horizon().model_copy(update=members)
    recipe = Recipe(horizon, symbols, 7, load_settings().expectations_folder)
    return LivePlan(recipe, parse_utc(first), parse_utc(until), DAY_MS, "classic", 5.0)


class Echo:
    """Answers with the moment itself, and remembers what it was asked; `follow` gives naive."""

    def __init__(self, late_ms=0):
        self.asked = []
        self.followed = []
        self.late_ms = late_ms

    def follow(self, now_ms):
        self.followed.append(now_ms)

    def answer(self, symbol, moment_ms):
        self.asked.append((symbol, moment_ms))
        words = Words(moment_ms * 1e-15, 0.5, None, "naive-1h", None)
        return Spoken(moment_ms - self.late_ms, "chop", words, words)
