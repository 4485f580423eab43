"""Columns of longer bars, joined as of their close.

A bar of an hour that closes at 10:00 is known from 10:00 on, to the row of that very moment too. When the bar
that closed last lacks a part, it is no bar: its columns are missing until the next one closes.
"""

from __future__ import annotations

import numpy as np

from forecasting.candles import Candles, resample
from forecasting.features.bars import Bars
from forecasting.features.definitions.base import VOLATILITY_WINDOWS, WINDOW_BARS
from forecasting.features.definitions.higher import PERIODS
from forecasting.features.price import fill_price_features, one_bar_returns
from forecasting.types import FloatArray, IntArray


def higher_columns(candles: Candles, interval: str, as_of_ms: IntArray, width: int) -> FloatArray:
    """Price columns of the bar that closed last at each moment.

    Parameters
    ----------
    candles
        Of the base interval, from the start of the oldest bar that is looked at.
    interval
        Of the longer bars.
    as_of_ms
        Shape (rows,): increasing, epoch milliseconds UTC.
    width
        Columns of one interval.

    Returns
    -------
    FloatArray
        Shape (rows, width).
    """
    out = np.full((len(as_of_ms), width), np.nan)
    longer = resample(candles, interval)
    if not len(longer):
        return out
    bars = Bars.of(longer, 0, len(longer))
    due_ms = as_of_ms - as_of_ms % longer.interval_ms
    # Only the bars that rows refer to are computed: for the newest row that is one.
    first, last = np.searchsorted(bars.as_of_ms, (due_ms[0], due_ms[-1] + 1))
    values = np.empty((last - first, width))
    fill_price_features(
        bars.bar,
        bars.close,
        one_bar_returns(bars.bar, bars.close),
        WINDOW_BARS,
        np.array(PERIODS),
        np.array(VOLATILITY_WINDOWS),
        first,
        last,
        values,
    )
    places = np.searchsorted(bars.as_of_ms[first:last], due_ms)
    known = places < last - first
    known[known] = bars.as_of_ms[first:last][places[known]] == due_ms[known]
    out[known] = values[places[known]]
    return out
