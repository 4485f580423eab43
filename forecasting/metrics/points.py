"""Scores of forecast returns."""

from __future__ import annotations

import math

import numpy as np

from forecasting.metrics.columns import demand_rows
from forecasting.types import FloatArray


def rmse(y: FloatArray, forecast: FloatArray) -> float:
    """Root mean squared error, in units of return.

    Examples
    --------
    >>> rmse(np.array([0.0, 0.0]), np.array([0.03, 0.04])).__round__(6)
    0.035355
    """
    demand_rows(y=y, forecast=forecast)
    return math.sqrt(float(np.mean(np.square(y - forecast))))


def mae(y: FloatArray, forecast: FloatArray) -> float:
    """Mean absolute error, in units of return."""
    demand_rows(y=y, forecast=forecast)
    return float(np.mean(np.abs(y - forecast)))


def r2_against(y: FloatArray, forecast: FloatArray, baseline: FloatArray) -> float:
    """Share of the baseline's squared error that the forecast removes; below 0 where it adds to it.

    The baseline is the drift as it was known at each row, not the mean of the scored returns: that mean is known
    only afterwards, and would make every honest forecast look worse than it is.

    Parameters
    ----------
    y, forecast, baseline
        Shape (n,): realised returns and the two forecasts of them, fractions.

    Returns
    -------
    float
        At most 1; NaN when the baseline is never wrong.

    References
    ----------
    Campbell and Thompson (2008), Predicting Excess Stock Returns Out of Sample, Review of Financial Studies 21(4).

    Examples
    --------
    >>> r2_against(np.array([0.02, -0.02]), np.array([0.01, -0.01]), np.zeros(2))
    0.75
    """
    demand_rows(y=y, forecast=forecast, baseline=baseline)
    left, whole = np.sum(np.square(y - forecast)), np.sum(np.square(y - baseline))
    return float(1 - left / whole) if whole > 0 else math.nan


def directional_accuracy(y: FloatArray, forecast: FloatArray) -> float:
    """Share of rows whose forecast has the sign of the return, in [0, 1]; NaN when no return moves.

    Rows with a return of exactly zero count for nobody. A forecast of exactly zero names no direction and
    counts as half right, so that silence is worth a coin.

    Examples
    --------
    >>> directional_accuracy(np.array([0.01, -0.02, 0.0, 0.01]), np.array([0.02, 0.01, 0.03, 0.0]))
    0.5
    """
    demand_rows(y=y, forecast=forecast)
    moved = y != 0
    if not moved.any():
        return math.nan
    agreement = np.sign(y[moved]) * np.sign(forecast[moved])
    return float(np.mean((agreement + 1) / 2))


def accuracy_standard_error(n_independent: float) -> float:
    """Give the standard error of a directional accuracy under coin flips, as a fraction.

    Parameters
    ----------
    n_independent
        Number of labels that do not overlap: the span of the rows over the look-ahead, NOT the number of
        rows. Overlapping labels repeat the same news and would make the error look several times smaller
        than it is.

    Examples
    --------
    >>> accuracy_standard_error(100)
    0.05
    """
    if n_independent <= 0:
        raise ValueError(f"{n_independent} independent labels have no standard error: more than 0 are needed")
    return 0.5 / math.sqrt(n_independent)
