"""How often the intervals of a fitted forecaster held the return, on rows that it never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.dataset import Dataset
from forecasting.forecaster.forecaster import Forecaster
from forecasting.inference.spans import LabelSpans
from forecasting.intervals.adaptive import LEVELS
from forecasting.metrics.intervals import interval_coverage, interval_width
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True)
class IntervalScores:
    """Scores of one level of intervals.

    Attributes
    ----------
    level
        Share of returns that should lie inside, in (0, 1).
    rows
        Rows that have an interval.
    non_overlapping_labels
        Most labels of these rows that do not overlap in time: what a coverage's chance is counted by.
    coverage
        Share of returns inside, in [0, 1].
    width
        Mean width, in units of return.
    """

    level: float
    rows: int
    non_overlapping_labels: int
    coverage: float
    width: float


def score_intervals(
    forecaster: Forecaster, rows: Dataset, pred_return: FloatArray
) -> tuple[IntervalScores, ...]:
    """Score the intervals as they would have been served: with the state of the fit, which learns nothing meanwhile.

    Parameters
    ----------
    forecaster
        Fitted on earlier rows.
    rows
        Rows with their volatility, n of them.
    pred_return
        Shape (n,): the forecaster's forecasts, fractions.

    Returns
    -------
    tuple[IntervalScores, ...]
        One a level, ascending; none where no row has an interval.
    """
    return score_ends(rows, interval_ends(forecaster, rows, pred_return))


def score_ends(rows: Dataset, ends: FloatArray) -> tuple[IntervalScores, ...]:
    """Score the ends of intervals, shape (n, levels, 2) as `interval_ends` gives them; see `score_intervals`."""
    told = ~np.isnan(ends[:, 0, 0])
    if not told.any():
        return ()
    labels = LabelSpans(rows.as_of_ms[told], rows.label_end_ms[told]).non_overlapping
    return tuple(
        IntervalScores(
            level=level,
            rows=int(told.sum()),
            non_overlapping_labels=labels,
            coverage=interval_coverage(rows.y[told], low, high),
            width=interval_width(low, high),
        )
        for level, (low, high) in zip(LEVELS, np.moveaxis(ends[told], 0, -1), strict=True)
    )


def interval_ends(forecaster: Forecaster, rows: Dataset, pred_return: FloatArray) -> FloatArray:
    """Low and high end of the interval of each row and level as they would have been served.

    Returns
    -------
    FloatArray
        Shape (n, levels, 2), returns as fractions; NaN where a row has no volatility or no interval.
    """
    ends = np.full((len(rows), len(LEVELS), 2), np.nan)
    if rows.volatility is None:
        return ends
    for row, number in enumerate(rows.symbol.tolist()):
        facts = (int(rows.as_of_ms[row]), float(pred_return[row]), float(rows.volatility[row]))
        given = forecaster.intervals(rows.symbols[number], *facts)
        if given is not None:
            ends[row] = [(each.low, each.high) for each in given]
    return ends
