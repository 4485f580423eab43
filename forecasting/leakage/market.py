"""All that a feature may be computed from, as one thing that can be cut at a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from forecasting.candles import Candles
from forecasting.events import Events
from forecasting.features.table import FeatureTable
from forecasting.types import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Candles of all symbols, the events that concern each, and longer bars.

    Attributes
    ----------
    candles
        By symbol, of one base interval; at least one symbol.
    events
        By symbol; a symbol without an entry has none.
    higher
        By interval, then by symbol: bars longer than the base candles, as in `1d` beside hours.
    """

    candles: Mapping[str, Candles]
    events: Mapping[str, Events] = field(default_factory=dict)
    higher: Mapping[str, Mapping[str, Candles]] = field(default_factory=dict)

    @property
    def interval(self) -> str:
        """Interval of the base candles."""
        return next(iter(self.candles.values())).interval

    @property
    def step_ms(self) -> int:
        """Length of a base candle in milliseconds."""
        return next(iter(self.candles.values())).interval_ms

    @property
    def first_open_ms(self) -> int:
        """Open of the oldest base candle, epoch milliseconds UTC."""
        return min(int(each.open_time_ms[0]) for each in self.candles.values() if len(each))

    @property
    def last_close_ms(self) -> int:
        """Close of the newest base candle, epoch milliseconds UTC."""
        return max(int(each.close_time_ms[-1]) for each in self.candles.values() if len(each))

    @property
    def close_times_ms(self) -> dict[str, IntArray]:
        """By symbol: the moments at which its candles are closed, so that a forecast could be made."""
        return {symbol: candles.close_time_ms for symbol, candles in self.candles.items()}

    def known_at(self, moment_ms: int) -> Market:
        """Return what a forecast at the moment may use: closes <= moment_ms, events < moment_ms."""
        return Market(
            _each(self.candles, lambda candles: candles.closed_by(moment_ms)),
            {symbol: events.before(moment_ms) for symbol, events in self.events.items()},
            {
                interval: _each(bars, lambda candles: candles.closed_by(moment_ms))
                for interval, bars in self.higher.items()
            },
        )

    def since(self, start_ms: int) -> Market:
        """Return what is left when nothing before the moment was kept; a longer bar goes when it ends before it."""
        return Market(
            _each(self.candles, lambda candles: candles.between(start_ms, None)),
            {symbol: _events_since(events, start_ms) for symbol, events in self.events.items()},
            {
                interval: _each(
                    bars, lambda candles: candles.between(start_ms - candles.interval_ms + 1, None)
                )
                for interval, bars in self.higher.items()
            },
        )


Compute = Callable[[Market, int], Mapping[str, FeatureTable]]


@dataclass(frozen=True, slots=True, eq=False)
class FeatureSet:
    """Features whose certificate is asked for.

    Attributes
    ----------
    name
        What a person calls the set.
    compute
        From a market and a moment to feature rows by symbol: those whose as_of is at the moment or later are
        looked at, earlier ones may be left out. The same market gives the same rows, and each row is stamped
        with the moment it may be used.
    history_ms
        Time that a row looks back from its as_of, in milliseconds: candles that open before it change nothing.
    latest
        From a market and a moment to the row that a forecast at the moment would be made of, by symbol; None
        where forecasts take the rows of `compute`.
    """

    name: str
    compute: Compute
    history_ms: int
    latest: Compute | None = None


def _each(candles: Mapping[str, Candles], cut: Callable[[Candles], Candles]) -> dict[str, Candles]:
    return {symbol: cut(each) for symbol, each in candles.items()}


def _events_since(events: Events, start_ms: int) -> Events:
    first = int(np.searchsorted(events.timestamp_ms, start_ms))
    return replace(
        events,
        timestamp_ms=events.timestamp_ms[first:],
        source=events.source[first:],
        ai_related=events.ai_related[first:],
        covered_from_ms=max(events.covered_from_ms, start_ms),
        # A collection that ends before the window covers nothing of it.
        covered_until_ms=max(events.covered_until_ms, start_ms),
    )
