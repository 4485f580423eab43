"""Which features a model is made of: their names, their order and the history that one row needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon
from forecasting.types import interval_ms

WINDOW_BARS = 30
VOLATILITY_WINDOWS = (3, 7, 30)
EVENT_WINDOWS = (1, 3, 7)


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """The columns of X, in order; equal specifications give equal columns.

    Attributes
    ----------
    base_interval
        Interval of the candles that the features are computed on, as in `1h`.
    symbols
        Symbols of the one-hot columns, in order; a row of any other symbol has zeros in all of them.
    periods
        Look-backs of the returns in base candles, shortest first.

    Examples
    --------
    >>> spec = FeatureSpec("1h", ("BTC/USDT",), (1, 3))
    >>> spec.names[:4]
    ('n_points_30h', 'return_1h', 'return_3h', 'volatility_3h')
    >>> spec.history_bars
    31
    """

    base_interval: str
    symbols: tuple[str, ...]
    periods: tuple[int, ...]

    def __post_init__(self) -> None:
        interval_ms(self.base_interval)
        if not self.periods or list(self.periods) != sorted(set(self.periods)) or self.periods[0] < 1:
            raise InvalidSettings(f"return look-backs {self.periods} are not positive and increasing")
        if len(set(self.symbols)) < len(self.symbols):
            raise InvalidSettings(f"symbols {self.symbols} are not distinct: each has one column")

    @property
    def step_ms(self) -> int:
        """Length of a base candle in milliseconds."""
        return interval_ms(self.base_interval)

    @property
    def history_bars(self) -> int:
        """Base candles from the oldest close a row looks at to its own, both included."""
        return max(self.periods[-1], WINDOW_BARS) + 1

    @property
    def history_ms(self) -> int:
        """Time that a row looks back from its as_of, in milliseconds."""
        return self.history_bars * self.step_ms

    @property
    def price_names(self) -> tuple[str, ...]:
        """Names of the columns made of candles."""
        return (
            f"n_points_{self._span(WINDOW_BARS)}",
            *map(self.return_name, self.periods),
            *(f"volatility_{self._span(bars)}" for bars in VOLATILITY_WINDOWS),
            f"zscore_{self._span(1)}",
            f"max_drawdown_{self._span(WINDOW_BARS)}",
            self.ewma_name,
        )

    @property
    def event_names(self) -> tuple[str, ...]:
        """Names of the columns made of events."""
        longest = self._span(EVENT_WINDOWS[-1])
        counts = tuple(f"events_{self._span(bars)}" for bars in EVENT_WINDOWS)
        return (*counts, f"event_sources_{longest}", f"ai_event_share_{longest}", "hours_since_event")

    @property
    def symbol_names(self) -> tuple[str, ...]:
        """Names of the one-hot columns."""
        return tuple(f"symbol_{symbol}" for symbol in self.symbols)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return self.price_names + self.event_names + self.symbol_names

    @property
    def ewma_name(self) -> str:
        """Name of the column with the exponentially weighted mean return."""
        return f"ewma_return_{self._span(WINDOW_BARS)}"

    def return_name(self, bars: int) -> str:
        """Name of the column with the return over so many base candles."""
        return f"return_{self._span(bars)}"

    def _span(self, bars: int) -> str:
        return f"{bars * int(self.base_interval[:-1])}{self.base_interval[-1]}"

    def to_document(self) -> dict[str, Any]:
        """JSON-like form, for a bundle's manifest."""
        return {
            "base_interval": self.base_interval,
            "symbols": list(self.symbols),
            "periods": list(self.periods),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`.

        Raises
        ------
        InvalidSettings
            A field is missing or breaks the specification.
        """
        absent = {"base_interval", "symbols", "periods"} - set(document)
        if absent:
            raise InvalidSettings(f"feature specification: {', '.join(sorted(absent))} missing")
        return cls(document["base_interval"], tuple(document["symbols"]), tuple(document["periods"]))


def feature_spec(horizon: Horizon, symbols: Sequence[str]) -> FeatureSpec:
    """Specification of a horizon's features, with one-hot columns for the symbols in the order given."""
    return FeatureSpec(horizon.base_interval, tuple(symbols), horizon.periods)
