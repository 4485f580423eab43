"""Closed candles whose values are no longer what they were."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from forecasting.candles import VALUE_COLUMNS, Candles
from forecasting.quality.raw import RawCandles
from forecasting.types import FloatArray

# Two ways to write one number down differ by less.
ROUNDING = 1e-9


def revision_sizes(raw: RawCandles, stored: Iterable[Candles]) -> FloatArray:
    """How far each row is from what is stored of the same market for the same moment.

    Parameters
    ----------
    raw
        The rows.
    stored
        Candles of the same symbol and interval; others are not looked at.

    Returns
    -------
    FloatArray
        Shape (n,): the largest difference of the five values as a share of the stored value (of a stored zero:
        1); 0 where nothing is stored, and for a missing value, which is a fault of its own.
    """
    sizes = np.zeros(len(raw))
    for candles in stored:
        if len(candles) and (candles.symbol, candles.interval) == (raw.symbol, raw.interval):
            places = np.searchsorted(candles.open_time_ms, raw.open_time_ms)
            places = np.minimum(places, len(candles) - 1)
            both = np.flatnonzero(candles.open_time_ms[places] == raw.open_time_ms)
            then = np.column_stack([getattr(candles, name)[places[both]] for name in VALUE_COLUMNS])
            sizes[both] = np.maximum(sizes[both], _largest_difference(raw.values[both], then))
    return sizes


def _largest_difference(now: FloatArray, then: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(now - then)
        share = np.divide(apart, np.abs(then), out=(apart > 0).astype(np.float64), where=then != 0)
    largest = np.fmax.reduce(share, axis=1, initial=0.0)
    return np.where(largest > ROUNDING, largest, 0.0)
