"""The higher set: the base set's price columns, of whole bars of longer intervals that have closed."""

from __future__ import annotations

from dataclasses import replace

from forecasting.features.definition import FeatureDefinition
from forecasting.features.definitions.base import WINDOW_BARS, price_definitions
from forecasting.types import interval_ms

INTERVALS = ("1h", "1d")
PERIODS = (1, 3, 7, 14, 30)
# The newest closed bar may have closed nearly one bar ago, and its longest window holds 31 closes.
HISTORY_BARS = WINDOW_BARS + 2


def higher_intervals(interval: str) -> tuple[str, ...]:
    """Those of `INTERVALS` that are longer than the base interval and made of whole candles of it.

    Examples
    --------
    >>> higher_intervals("1m"), higher_intervals("1h"), higher_intervals("1d")
    (('1h', '1d'), ('1d',), ())
    """
    step_ms = interval_ms(interval)
    return tuple(
        each for each in INTERVALS if interval_ms(each) > step_ms and not interval_ms(each) % step_ms
    )


def higher_definitions(interval: str) -> tuple[FeatureDefinition, ...]:
    """Columns of all higher intervals, the shorter one first."""
    return tuple(
        replace(
            each,
            name=f"on_{higher}_{each.name}",
            formula=f"{each.formula}; of the {higher} bar that closed last, missing when a part of that bar is absent",
            group="higher",
        )
        for higher in higher_intervals(interval)
        for each in price_definitions(higher, PERIODS)
    )
