"""Compiled columns of the moment alone: time of day and of week, UTC, as points on a circle."""

from __future__ import annotations

import math

from forecasting.features.compilation import compiled
from forecasting.types import FloatArray, IntArray

_DAY_MS = 86_400_000
# 1970-01-01 was a Thursday: three days after a Monday.
_MONDAY_MS = 3 * _DAY_MS


@compiled
def fill_clock(as_of_ms: IntArray, column: int, out: FloatArray) -> None:
    """Write columns column..column+3 of `out`, shape (rows, k), for the moments `as_of_ms`, shape (rows,)."""
    for row in range(len(as_of_ms)):
        day = 2.0 * math.pi * (as_of_ms[row] % _DAY_MS) / _DAY_MS
        week = 2.0 * math.pi * ((as_of_ms[row] + _MONDAY_MS) % (7 * _DAY_MS)) / (7 * _DAY_MS)
        target = out[row, column:]
        target[0], target[1] = math.sin(day), math.cos(day)
        target[2], target[3] = math.sin(week), math.cos(week)
