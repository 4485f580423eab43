"""Markets whose later rows are spoiled: a row that notices has seen the future."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from forecasting.candles import VALUE_COLUMNS, Candles
from forecasting.events import Events
from forecasting.leakage.market import Market
from forecasting.types import FloatArray

Spoil = Callable[[FloatArray, np.random.Generator], FloatArray]


def poisoned(market: Market, moment_ms: int, spoil: Spoil, rng: np.random.Generator) -> Market:
    """Return the same market with all that is known only after the moment spoiled; times of candles stay.

    Candles and longer bars that close later get other values. Events at or after the moment come from other
    publishers, on other topics, and all of them in the very millisecond of the moment.
    """

    def spoiled(candles: Mapping[str, Candles]) -> dict[str, Candles]:
        return {symbol: _spoiled(each, moment_ms, spoil, rng) for symbol, each in candles.items()}

    return Market(
        spoiled(market.candles),
        {symbol: _other_events(events, moment_ms) for symbol, events in market.events.items()},
        {interval: spoiled(bars) for interval, bars in market.higher.items()},
    )


def _spoiled(candles: Candles, moment_ms: int, spoil: Spoil, rng: np.random.Generator) -> Candles:
    first = len(candles.closed_by(moment_ms))
    later = np.array([getattr(candles, name)[first:] for name in VALUE_COLUMNS])
    earlier = np.array([getattr(candles, name)[:first] for name in VALUE_COLUMNS])
    columns = np.concatenate([earlier, spoil(later, rng)], axis=1)
    return Candles(candles.symbol, candles.interval, candles.open_time_ms, *columns)


def _other_events(events: Events, moment_ms: int) -> Events:
    late = events.timestamp_ms >= moment_ms
    return replace(
        events,
        timestamp_ms=np.where(late, moment_ms, events.timestamp_ms),
        source=np.where(late, events.source + 1_000, events.source),
        ai_related=events.ai_related ^ late,
    )


def _missing(values: FloatArray, _: np.random.Generator) -> FloatArray:
    return np.full_like(values, np.nan)


def _thousandfold(values: FloatArray, _: np.random.Generator) -> FloatArray:
    return values * 1_000.0


def _drawn(values: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Candles that may be: open and close at random, extremes around them, some other volume."""
    opened, _, _, close, volume = values * np.exp(rng.standard_normal(values.shape))
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    return np.array([opened, high * 1.01, low * 0.99, close, volume + 1.0])


# A function that keeps its contract may refuse missing values, and only those.
MISSING = "missing values"
POISONS: Mapping[str, Spoil] = MappingProxyType(
    {"times 1000": _thousandfold, "random values": _drawn, MISSING: _missing}
)
