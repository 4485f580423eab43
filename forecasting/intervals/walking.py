"""Intervals of past forecasts as they would have been given: each knows the labels that had ended by its moment."""

from __future__ import annotations

import numpy as np

from forecasting.intervals.adaptive import AdaptiveIntervals
from forecasting.intervals.rows import ForecastRows
from forecasting.types import FloatArray


def walk_intervals(intervals: AdaptiveIntervals, rows: ForecastRows) -> FloatArray:
    """Go through forecasts in time: before each, learn the labels that have ended by then.

    Parameters
    ----------
    intervals
        Is carried along; afterwards it has learned every label that ended by the last forecast.
    rows
        Forecasts that were out of sample at their moment.

    Returns
    -------
    FloatArray
        Shape (n, levels, 2): lower and upper ends, fractions; NaN where too few labels had ended.
    """
    ends = np.full((len(rows), len(intervals.levels), 2), np.nan)
    names = [rows.symbols[each] for each in rows.symbol]
    waiting, scores = rows.label_order().tolist(), rows.scores().tolist()
    learned = 0
    for row in np.argsort(rows.as_of_ms, kind="stable").tolist():
        as_of_ms = int(rows.as_of_ms[row])
        while learned < len(waiting) and rows.label_end_ms[waiting[learned]] <= as_of_ms:
            known = waiting[learned]
            intervals.learn_label(names[known], int(rows.label_end_ms[known]), scores[known])
            learned += 1
        if intervals.ready:
            forecast = (as_of_ms, float(rows.pred_return[row]), float(rows.volatility[row]))
            ends[row] = [(each.low, each.high) for each in intervals.intervals(names[row], *forecast)]
    return ends
