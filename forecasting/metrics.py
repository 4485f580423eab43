"""Scores of forecasts against realised returns; all of them ignore the order of the rows."""

from __future__ import annotations

import math

import numpy as np

from forecasting.types import FloatArray


def rmse(y: FloatArray, forecast: FloatArray) -> float:
    """Root mean squared error, in units of return.

    Examples
    --------
    >>> rmse(np.array([0.0, 0.0]), np.array([0.03, 0.04])).__round__(6)
    0.035355
    """
    return math.sqrt(float(np.mean(np.square(y - forecast))))


def mae(y: FloatArray, forecast: FloatArray) -> float:
    """Mean absolute error, in units of return."""
    return float(np.mean(np.abs(y - forecast)))


def directional_accuracy(y: FloatArray, forecast: FloatArray) -> float:
    """Share of rows whose forecast has the sign of the return, in [0, 1]; NaN when no return moves.

    Rows with a return of exactly zero count for nobody. A forecast of exactly zero names no direction and
    counts as half right, so that silence is worth a coin.

    Examples
    --------
    >>> directional_accuracy(np.array([0.01, -0.02, 0.0, 0.01]), np.array([0.02, 0.01, 0.03, 0.0]))
    0.5
    """
    moved = y != 0
    if not moved.any():
        return math.nan
    agreement = np.sign(y[moved]) * np.sign(forecast[moved])
    return float(np.mean((agreement + 1) / 2))


def brier(outcome: FloatArray, probability: FloatArray) -> float:
    """Mean squared error of probabilities, in [0, 1]; a constant one half scores 0.25.

    Parameters
    ----------
    outcome
        Shape (n,): 1 where it happened, 0 where it did not.
    probability
        Shape (n,): probability given beforehand, in [0, 1].

    References
    ----------
    Brier (1950), Verification of Forecasts Expressed in Terms of Probability, Monthly Weather Review 78(1).
    """
    return float(np.mean(np.square(probability - outcome)))


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
