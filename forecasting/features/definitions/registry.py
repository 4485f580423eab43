"""All columns of a specification, in the order in which the kernels write them beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forecasting.features.definition import FeatureDefinition
from forecasting.features.definitions.base import (
    WINDOW_BARS,
    event_definitions,
    price_definitions,
    symbol_definitions,
)
from forecasting.features.definitions.extended import (
    activity_definitions,
    clock_definitions,
    cross_definitions,
    momentum_definitions,
    range_definitions,
    regime_definitions,
)
from forecasting.features.definitions.higher import higher_definitions
from forecasting.features.own import OwnFeatures
from forecasting.horizons import EXTENDED_SET, HIGHER_SET


def base_history_bars(periods: Sequence[int]) -> int:
    """Candles from the oldest close the base set looks at to the row's own; periods are in rising order.

    Examples
    --------
    >>> base_history_bars((1, 3)), base_history_bars((1, 72))
    (31, 73)
    """
    return max(periods[-1], WINDOW_BARS) + 1


def columns_of_kernels(
    interval: str,
    symbols: Sequence[str],
    periods: Sequence[int],
    feature_sets: Sequence[str],
    own: OwnFeatures | None,
) -> Mapping[str, tuple[FeatureDefinition, ...]]:
    """Columns of each kernel by its name; arguments as the attributes of `FeatureSpec`."""
    blocks = {
        "price": price_definitions(interval, periods),
        "event": event_definitions(interval, base_history_bars(periods)),
        "symbol": symbol_definitions(interval, symbols),
    }
    if EXTENDED_SET in feature_sets:
        blocks |= {
            "momentum": momentum_definitions(interval),
            "range": range_definitions(interval),
            "activity": activity_definitions(interval),
            "regime": regime_definitions(interval),
            "clock": clock_definitions(interval),
            "cross": cross_definitions(interval),
        }
    if HIGHER_SET in feature_sets:
        blocks["higher"] = higher_definitions(interval)
    if own is not None:
        blocks["own"] = own.definitions(interval)
    return blocks
