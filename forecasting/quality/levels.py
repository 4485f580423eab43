"""Changes of the unit: all prices from one row on are a multiple of those before it."""

from __future__ import annotations

import numpy as np

from forecasting.quality.timeline import Timeline, filled, gaps_in_bars, levels_around, log_prices
from forecasting.types import DAY_MS, FloatArray


def level_changes(line: Timeline) -> FloatArray:
    """How far the level of prices changes for good where a row follows the one before it.

    Three views must agree: the step from the last close to this open, the next close against the median of the
    five closes before, and the median of the five from this row on against the last close but one. A market that
    crashes trades on the way down, so its candles join; a change of unit leaves no trades between. One wrong row
    leaves one of the views unmoved. Over absent candles prices may travel: the distance
    is divided by the fourth root of one plus the days that are absent.

    Returns
    -------
    FloatArray
        Shape (m,): natural logarithm of the ratio, zero or more; 0 for the first two rows and the last.
    """
    found = np.zeros(len(line.open_time_ms))
    if len(found) < 4:
        return found
    prices = log_prices(line.values)
    opens, closes = filled(prices[:, 0]), filled(prices[:, 3])
    before, after = levels_around(prices[:, 3])
    old, new = before[2:-1], after[1:-2]
    views = np.stack([opens[2:-1] - closes[1:-2], closes[3:] - old, new - closes[:-3]])
    found[2:-1] = np.maximum(np.maximum(views.min(axis=0), -views.max(axis=0)), 0.0)
    days_absent = gaps_in_bars(line) * line.interval_ms / DAY_MS
    return np.nan_to_num(found) / (1.0 + days_absent) ** 0.25
