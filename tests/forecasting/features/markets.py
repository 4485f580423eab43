"""Random markets for the tests of this folder: candles with outages, events on and off the grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from forecasting.candles import Candles
from forecasting.events import Events
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.types import interval_ms

MIDNIGHT_MS = 1_735_689_600_000
SPECS = (
    FeatureSpec("1m", ("BTC/USDT", "ETH/USDT"), (1, 3, 7, 14, 30, 60)),
    FeatureSpec("1h", ("ETH/USDT",), (1, 3, 7, 14, 30, 72)),
    FeatureSpec("1d", ("ADA/USDT", "BTC/USDT", "ETH/USDT"), (1, 3, 7, 14, 30)),
)


def walk(present: np.ndarray, seed: int, interval: str = "1h", symbol: str = "BTC/USDT") -> Candles:
    """Random walk on the grid from a midnight on; candles that are not `present` are left out."""
    rng = np.random.default_rng(seed)
    step = interval_ms(interval)
    # Begins 20 bars before midnight, so that every table crosses the boundary of a day.
    times = (MIDNIGHT_MS // step - 20 + np.arange(len(present))) * step
    close = 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(len(present))))
    close[rng.random(len(close)) < 0.1] = 100.0
    opening = close * np.exp(0.004 * rng.standard_normal(len(present)))
    opening[rng.random(len(close)) < 0.1] = close[0]
    high = np.maximum(opening, close) * (1 + 0.003 * rng.random(len(present)).round(1))
    low = np.minimum(opening, close) * (1 - 0.003 * rng.random(len(present)).round(1))
    volume = rng.lognormal(3, 1, len(present)) * (rng.random(len(present)) < 0.95)
    return Candles(symbol, interval, times, opening, high, low, close, volume).take(present)


def scattered_events(candles: Candles, count: int, seed: int) -> Events:
    """Events over somewhat less than the candles' span, a third of them exactly on the grid."""
    rng = np.random.default_rng(seed)
    first, step = int(candles.open_time_ms[0]), candles.interval_ms
    last = int(candles.close_time_ms[-1])
    covered_from = int(rng.integers(first, first + 40 * step))
    covered_until = int(rng.integers(max(covered_from, last - 20 * step), max(covered_from, last) + 1)) + step
    times = rng.integers(covered_from, covered_until + 1, count)
    on_grid = np.maximum(times - times % step, covered_from)
    times = np.sort(np.where(rng.random(count) < 0.3, on_grid, times))
    return Events(times, rng.integers(0, 5, count), rng.random(count) < 0.3, covered_from, covered_until)


@st.composite
def presences(draw: st.DrawFn) -> np.ndarray:
    """Which bars of a grid are there: runs of candles with outages of one to sixty bars between them."""
    runs = draw(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=4))
    lead = draw(st.integers(75, 110))
    mask = [True] * lead
    for outage, run in runs:
        mask += [False] * outage + [True] * run
    return np.array(mask)


@st.composite
def markets(draw: st.DrawFn) -> tuple[Candles, Events | None, FeatureSpec]:
    """Candles with outages, events or none, and a specification of their interval."""
    spec = draw(st.sampled_from(SPECS))
    seed = draw(st.integers(0, 2**32 - 1))
    candles = walk(draw(presences()), seed, spec.base_interval)
    count = draw(st.integers(0, 80))
    return candles, scattered_events(candles, count, seed) if draw(st.booleans()) else None, spec


RICH_SPECS = (
    FeatureSpec(
        "1h", ("ADA/USDT", "BTC/USDT", "ETH/USDT"), (1, 3, 7, 14, 30), ("base", "extended", "higher")
    ),
    FeatureSpec("4h", ("BTC/USDT", "ETH/USDT"), (1, 3, 7, 14, 30, 42), ("base", "extended", "higher")),
)


def rich_market(spec: FeatureSpec, seed: int, present: np.ndarray) -> MarketData:
    """Market of ETH with events and with other symbols that have outages of their own."""
    rng = np.random.default_rng(seed)
    candles = walk(present, seed, spec.base_interval, "ETH/USDT")
    others = {
        symbol: walk(rng.random(len(present)) < share, seed + number, spec.base_interval, symbol)
        for number, (symbol, share) in enumerate((("BTC/USDT", 1.0), ("ADA/USDT", 0.8), ("XRP/USDT", 1.0)), 1)
    }
    # Some moves are the very same, so that ranks have ties.
    others["ADA/USDT"] = replace(others["ADA/USDT"], close=np.round(others["ADA/USDT"].close, -1))
    return MarketData(candles, scattered_events(candles, 60, seed), others)


@dataclass(frozen=True, repr=False)
class RichCase:
    """A rich market that shows in a failing example as what it was drawn from."""

    spec: FeatureSpec
    seed: int
    absent: list[int]
    market: MarketData

    def __repr__(self) -> str:
        return f"rich market of {self.spec.base_interval}, seed {self.seed}, without {self.absent}"

    def __iter__(self) -> Iterator[object]:
        return iter((self.market, self.spec))


@st.composite
def rich_markets(draw: st.DrawFn) -> RichCase:
    """Everything a row may be made of, with outages at the end of a history that is long enough."""
    spec, seed, end = draw(st.sampled_from(RICH_SPECS)), draw(st.integers(0, 2**32 - 1)), draw(presences())
    present = np.r_[np.ones(spec.history_bars - 40, dtype=bool), end]
    return RichCase(spec, seed, np.flatnonzero(~present).tolist(), rich_market(spec, seed, present))


def same_bits(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two arrays are equal to the last bit, NaN included."""
    return left.shape == right.shape and left.tobytes() == right.tobytes()
