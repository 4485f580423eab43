"""The judged rows along time: rank correlation and gain on naive as they build up, and the size of residuals."""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from forecasting.adapters.judged_rows import JudgedRows
from forecasting.dataset import Dataset
from forecasting.types import DAY_MS, HOUR_MS, FloatArray, IntArray

_MOST_PERIODS, _FEWER_PERIODS = 80, 30
_LENGTHS = (HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS)


def cumulative_rank_ic(judged: JudgedRows) -> tuple[IntArray, FloatArray]:
    """Label ends, and the rank correlation of all rows as it builds up; its last value is that of all rows.

    Each row adds the product of its two ranks' distances from their means, over what the correlation divides
    by. Correlations of short periods are not added up instead: within a few labels, forecasts that look at the
    returns of the same labels correlate with them downward by construction.

    Raises
    ------
    ValueError
        A forecast or return is not finite.
    """
    y, forecast = judged.rows.y, judged.candidate.pred_return
    if not np.isfinite([y, forecast]).all():
        raise ValueError("a forecast or return is missing or infinite: a rank correlation needs every row")
    ours, theirs = (rankdata(each) - (len(each) + 1) / 2 for each in (forecast, y))
    whole = float(np.sqrt(np.square(ours).sum() * np.square(theirs).sum()))
    return _added_up(judged, ours * theirs / (whole or 1.0))


def cumulative_gain(judged: JudgedRows) -> tuple[IntArray, FloatArray]:
    """Label ends, and what part of naive's whole squared error was saved by then; at the end it is the skill.

    References
    ----------
    Goyal and Welch (2008), A Comprehensive Look at the Empirical Performance of Equity Premium Prediction,
    Review of Financial Studies 21(4).
    """
    rows = judged.rows
    naive = np.square(rows.y - judged.naive.pred_return)
    saved = naive - np.square(rows.y - judged.candidate.pred_return)
    return _added_up(judged, saved / (float(naive.sum()) or 1.0))


def absolute_residuals(judged: JudgedRows) -> tuple[IntArray, FloatArray]:
    """Begin of each of at most 80 periods, and the mean absolute residual in it, in units of return."""
    return _mean_by_period(judged.rows, np.abs(judged.rows.y - judged.candidate.pred_return), _MOST_PERIODS)


def coverage_by_period(judged: JudgedRows) -> tuple[IntArray, FloatArray]:
    """Begin of each of at most 30 periods, and the shares of returns in their 80 and 90 % intervals, shape (p, 2).

    Only rows that have intervals count.
    """
    given = ~np.isnan(judged.intervals[:, 1, 0])
    rows, ends = judged.rows.take(given), judged.intervals[given]
    inside = (ends[:, :, 0] <= rows.y[:, None]) & (rows.y[:, None] <= ends[:, :, 1])
    shares = [_mean_by_period(rows, level.astype(np.float64), _FEWER_PERIODS) for level in inside.T]
    return shares[0][0], np.column_stack([share for _, share in shares])


def _mean_by_period(rows: Dataset, values: FloatArray, most: int) -> tuple[IntArray, FloatArray]:
    span_ms = int(rows.as_of_ms[-1] - rows.as_of_ms[0]) if len(rows) else 0
    length_ms = next((length for length in _LENGTHS if span_ms <= most * length), _LENGTHS[-1])
    starts, place = np.unique(rows.as_of_ms // length_ms * length_ms, return_inverse=True)
    return starts, np.bincount(place, weights=values) / np.bincount(place)


def _added_up(judged: JudgedRows, parts: FloatArray) -> tuple[IntArray, FloatArray]:
    """Sum of all parts that are known at each label end."""
    moments, place = np.unique(judged.rows.label_end_ms, return_inverse=True)
    return moments, np.cumsum(np.bincount(place, weights=parts, minlength=len(moments)))
