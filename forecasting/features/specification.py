"""Which features a model is made of: their names, their order and the history that one row needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Self

from forecasting.errors import InvalidSettings
from forecasting.features.cross import reference_symbol
from forecasting.features.definition import FeatureDefinition, span_name
from forecasting.features.definitions.base import ewma_name
from forecasting.features.definitions.extended import CROSS_PERIODS
from forecasting.features.definitions.higher import HISTORY_BARS, higher_intervals
from forecasting.features.definitions.registry import base_history_bars, columns_of_kernels
from forecasting.features.own import OwnFeatures, load_own_features
from forecasting.horizons import BASE_SET, EXTENDED_SET, FEATURE_SETS, HIGHER_SET, Horizon
from forecasting.types import interval_ms


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
        Look-backs of the base set's returns in base candles, shortest first.
    feature_sets
        `base`, which the baselines need, then any of `extended` and `higher`.
    own
        One's own features; None for none.

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
    feature_sets: tuple[str, ...] = (BASE_SET,)
    own: OwnFeatures | None = None

    def __post_init__(self) -> None:
        interval_ms(self.base_interval)
        if not self.periods or list(self.periods) != sorted(set(self.periods)) or self.periods[0] < 1:
            raise InvalidSettings(f"return look-backs {self.periods} are not positive and increasing")
        if len(set(self.symbols)) < len(self.symbols):
            raise InvalidSettings(f"symbols {self.symbols} are not distinct: each has one column")
        if self.feature_sets != tuple(
            each for each in FEATURE_SETS if each in {BASE_SET, *self.feature_sets}
        ):
            raise InvalidSettings(
                f"feature sets {self.feature_sets} are not {BASE_SET} and then any of {FEATURE_SETS[1:]}"
            )
        if len(set(self.names)) < len(self.names):
            twice = sorted({name for name in self.names if self.names.count(name) > 1})
            raise InvalidSettings(f"features {', '.join(twice)} are named twice: rename your own")

    @property
    def step_ms(self) -> int:
        """Length of a base candle in milliseconds."""
        return interval_ms(self.base_interval)

    @property
    def base_history_bars(self) -> int:
        """Base candles from the oldest close the base set looks at to the row's own, both included."""
        return base_history_bars(self.periods)

    @property
    def history_bars(self) -> int:
        """Base candles from the oldest close a row looks at to its own, both included."""
        return _history_bars(self)

    @property
    def history_ms(self) -> int:
        """Time that a row looks back from its as_of, in milliseconds."""
        return self.history_bars * self.step_ms

    @property
    def definitions(self) -> tuple[FeatureDefinition, ...]:
        """What each column is, in order."""
        return tuple(each for block in _blocks(self).values() for each in block)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return _names(self)

    @property
    def widths(self) -> Mapping[str, int]:
        """Number of columns of each kernel, in the order in which they stand beside each other."""
        return _widths(self)

    @property
    def price_names(self) -> tuple[str, ...]:
        """Names of the base set's columns made of candles."""
        return _names_of(_blocks(self)["price"])

    @property
    def event_names(self) -> tuple[str, ...]:
        """Names of the columns made of events."""
        return _names_of(_blocks(self)["event"])

    @property
    def symbol_names(self) -> tuple[str, ...]:
        """Names of the one-hot columns."""
        return _names_of(_blocks(self)["symbol"])

    @property
    def ewma_name(self) -> str:
        """Name of the column with the exponentially weighted mean return."""
        return ewma_name(self.base_interval)

    def return_name(self, bars: int) -> str:
        """Name of the column with the return over so many base candles."""
        return f"return_{span_name(self.base_interval, bars)}"

    @property
    def others_ms(self) -> int:
        """Time that a row looks back on other symbols from its as_of, in milliseconds."""
        return (max(CROSS_PERIODS) + 1) * self.step_ms

    def others(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Further symbols whose candles rows of these symbols are made of, in alphabetical order."""
        if EXTENDED_SET not in self.feature_sets:
            return ()
        return tuple(sorted({*map(reference_symbol, symbols), *self.symbols} - set(symbols)))

    def with_own(self, own: OwnFeatures | None) -> FeatureSpec:
        """Return the same specification with the code of its own features.

        Raises
        ------
        InvalidSettings
            It has own features, and the file given is another than the one it was made with, or none is.
        """
        if self.own is None:
            return self
        if own is None or own.sha256 != self.own.sha256:
            given = "none is named" if own is None else f"the one named has {own.sha256[:12]}"
            raise InvalidSettings(
                f"the model was trained with a file of own features of sha256 {self.own.sha256[:12]}, {given}: "
                "name that very file in the horizon's own_features, or train again"
            )
        return replace(self, own=own)

    def to_document(self) -> dict[str, Any]:
        """JSON-like form, for a bundle's manifest; what is as it always was is left out."""
        document: dict[str, Any] = {
            "base_interval": self.base_interval,
            "symbols": list(self.symbols),
            "periods": list(self.periods),
        }
        if self.feature_sets != (BASE_SET,):
            document["feature_sets"] = list(self.feature_sets)
        if self.own is not None:
            document["own"] = self.own.to_document()
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`; own features have no code until `with_own`.

        Raises
        ------
        InvalidSettings
            A field is missing or breaks the specification.
        """
        absent = {"base_interval", "symbols", "periods"} - set(document)
        if absent:
            raise InvalidSettings(f"feature specification: {', '.join(sorted(absent))} missing")
        own = document.get("own")
        return cls(
            document["base_interval"],
            tuple(document["symbols"]),
            tuple(document["periods"]),
            tuple(document.get("feature_sets", (BASE_SET,))),
            None if own is None else OwnFeatures.from_document(own),
        )


def feature_spec(horizon: Horizon, symbols: Sequence[str]) -> FeatureSpec:
    """Specification of a horizon's features, with one-hot columns for the symbols in the order given.

    Raises
    ------
    InvalidSettings
        The horizon names a file of own features that cannot be used.
    """
    return FeatureSpec(
        horizon.base_interval, tuple(symbols), horizon.periods, horizon.feature_sets, own_features(horizon)
    )


def own_features(horizon: Horizon) -> OwnFeatures | None:
    """Own features that the horizon's settings name; None when they name none.

    Raises
    ------
    InvalidSettings
        The file cannot be used.
    """
    return None if horizon.own_features is None else load_own_features(horizon.own_features)


@lru_cache(maxsize=64)
def _blocks(spec: FeatureSpec) -> Mapping[str, tuple[FeatureDefinition, ...]]:
    return columns_of_kernels(spec.base_interval, spec.symbols, spec.periods, spec.feature_sets, spec.own)


@lru_cache(maxsize=64)
def _widths(spec: FeatureSpec) -> Mapping[str, int]:
    return {kernel: len(definitions) for kernel, definitions in _blocks(spec).items()}


@lru_cache(maxsize=64)
def _names(spec: FeatureSpec) -> tuple[str, ...]:
    return _names_of(spec.definitions)


def _names_of(definitions: Sequence[FeatureDefinition]) -> tuple[str, ...]:
    return tuple(each.name for each in definitions)


@lru_cache(maxsize=64)
def _history_bars(spec: FeatureSpec) -> int:
    own_interval = [each.bars for each in spec.definitions if each.interval == spec.base_interval]
    longer = higher_intervals(spec.base_interval) if HIGHER_SET in spec.feature_sets else ()
    return max(
        spec.base_history_bars,
        *own_interval,
        *(HISTORY_BARS * interval_ms(each) // spec.step_ms for each in longer),
    )
