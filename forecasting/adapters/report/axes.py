"""Axes of a plot: where they begin and end, and which round numbers or days are written beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from forecasting.types import DAY_MS, HOUR_MS, FloatArray, IntArray

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TIME_STEPS = (
    HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS,
    *(days * DAY_MS for days in (1, 2, 4, 7, 14, 28, 56, 91, 182)),
)  # fmt: skip
_MARGIN = 0.04


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis.

    Attributes
    ----------
    title
        What is measured, with its unit.
    low, high
        Its ends; not equal.
    ticks
        Numbers that are written beside it, and how.
    """

    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def part(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high one; what lies beyond is put at the end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def number_axis(
    title: str, values: FloatArray | Sequence[float], *, percent: bool = False, count: int = 5
) -> Axis:
    """Axis of numbers that holds all the values, with some round numbers beside it.

    Parameters
    ----------
    title
        What is measured.
    values
        What must lie on it; missing ones are passed over.
    percent
        Whether fractions are written as percentages.
    count
        About how many numbers to write.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if high <= low:
        low, high = low - (abs(low) or 1.0) * 0.1, high + (abs(high) or 1.0) * 0.1
    margin = _MARGIN * (high - low)
    low, high = low - margin, high + margin
    step = _round_step((high - low) / count)
    first, last = math.ceil(low / step), math.floor(high / step)
    scale, unit = (100.0, " %") if percent else (1.0, "")
    decimals = _decimals(step * scale)
    ticks = tuple(
        (place * step, f"{place * step * scale:.{decimals}f}{unit}") for place in range(first, last + 1)
    )
    return Axis(title, low, high, ticks)


def _decimals(step: float) -> int:
    """How many decimals tell multiples of the step apart."""
    digits = f"{step:.6e}"
    needed = 1 if digits.startswith("2.5") else 0
    return max(0, needed - int(digits.partition("e")[2]))


def _round_step(about: float) -> float:
    size = 10.0 ** math.floor(math.log10(about))
    return next(step * size for step in _STEPS if step * size >= about)


def time_axis(title: str, times_ms: IntArray, count: int = 6) -> Axis:
    """Axis of moments, epoch milliseconds UTC, with whole hours or days beside it."""
    low, high = (int(times_ms.min()), int(times_ms.max())) if len(times_ms) else (0, DAY_MS)
    high = max(high, low + 1)
    step = next((step for step in _TIME_STEPS if step * count >= high - low), 365 * DAY_MS)
    form = "%Y-%m-%d" if step >= DAY_MS else "%m-%d %H:%M"
    moments = range(-(-low // step) * step, high + 1, step)
    ticks = tuple(
        (float(moment), datetime.fromtimestamp(moment / 1000, tz=UTC).strftime(form)) for moment in moments
    )
    return Axis(title, float(low), float(high), ticks)
