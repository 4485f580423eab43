"""Times of rows: on the grid, closed, in order, each once, none absent."""

from __future__ import annotations

import numpy as np

from forecasting.quality.raw import RawCandles
from forecasting.types import IntArray

# Stands for a missing value where equal rows are counted, since NaN equals nothing.
ANY_NAN = -np.finfo(np.float64).tiny


def behind_ms(times: IntArray) -> IntArray:
    """How much earlier each row opens than the latest of the rows above it, milliseconds; shape (n,).

    Examples
    --------
    >>> behind_ms(np.array([0, 60, 30, 90]))
    array([ 0,  0, 30,  0])
    """
    return np.asarray(np.maximum.accumulate(times) - times)


def twin_counts(raw: RawCandles) -> tuple[IntArray, IntArray]:
    """How many other rows have the time of each row, and how many of them have other values; shape (n,) each.

    A value that is missing in both counts as the same.
    """
    _, moment, rows_of = np.unique(raw.open_time_ms, return_inverse=True, return_counts=True)
    twins, conflicts = rows_of[moment] - 1, np.zeros(len(raw), dtype=np.int64)
    shared = np.flatnonzero(twins)
    if len(shared):
        values = np.where(np.isnan(raw.values[shared]), ANY_NAN, raw.values[shared])
        contents = np.column_stack([moment[shared].astype(np.float64), values])
        _, kind, rows_alike = np.unique(contents, axis=0, return_inverse=True, return_counts=True)
        conflicts[shared] = rows_of[moment[shared]] - rows_alike[kind.ravel()]
    return twins.astype(np.int64), conflicts


def absent_share(times: IntArray, step_ms: int) -> float:
    """Candles absent between the first and the last as a share of those that should be there; 0 without rows.

    Examples
    --------
    >>> absent_share(np.array([0, 60_000, 180_000]), 60_000)
    0.25
    """
    if not len(times):
        return 0.0
    ordered = np.sort(times)
    there = 1 + int(np.count_nonzero(np.diff(ordered)))
    expected = (float(ordered[-1]) - float(ordered[0])) // step_ms + 1
    return max(0.0, 1.0 - there / expected)
