"""What the features of one symbol are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from forecasting.candles import Candles
from forecasting.errors import InvalidCandles
from forecasting.events import Events


@dataclass(frozen=True, slots=True, eq=False)
class MarketData:
    """Everything that a feature row of one symbol may be computed from.

    Longer intervals are not given: they are made of `candles`, so what a whole hour is has one answer.

    Attributes
    ----------
    candles
        Of the symbol, of the specification's base interval.
    events
        That concern the symbol; None when nobody collected any, which leaves their columns missing.
    others
        Candles of other symbols of the same interval, by name: those that BTC's returns and the ranks are made of.
    """

    candles: Candles
    events: Events | None = None
    others: Mapping[str, Candles] = field(default_factory=lambda: MappingProxyType({}))

    def demand_interval(self, interval: str) -> None:
        """Refuse candles of another interval.

        Raises
        ------
        InvalidCandles
            Names the first symbol whose candles are of another interval.
        """
        for candles in (self.candles, *self.others.values()):
            if candles.interval != interval:
                raise InvalidCandles(
                    f"{candles.symbol}: features are made of {interval} candles, those given are of "
                    f"{candles.interval}: resample them first"
                )

    def closed_by(self, moment_ms: int) -> MarketData:
        """Cut to what was known at a moment: candles that are closed at it, events strictly before it."""
        return MarketData(
            self.candles.closed_by(moment_ms),
            None if self.events is None else self.events.before(moment_ms),
            {symbol: candles.closed_by(moment_ms) for symbol, candles in self.others.items()},
        )


def markets_of(
    candles: Mapping[str, Candles],
    events: Mapping[str, Events] | None = None,
    others: Mapping[str, Candles] | None = None,
) -> dict[str, MarketData]:
    """One market for each symbol of `candles`, each seeing the candles of all others.

    Parameters
    ----------
    candles
        By symbol; of one interval.
    events
        By symbol; a symbol without an entry, or None for all, has missing event features.
    others
        Candles of symbols that are looked at but have no rows of their own.
    """
    everyone = MappingProxyType({**(others or {}), **candles})
    return {symbol: MarketData(own, (events or {}).get(symbol), everyone) for symbol, own in candles.items()}
