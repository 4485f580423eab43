"""Scores of forecast quantiles, intervals and whole distributions."""

from __future__ import annotations

import math

import numpy as np

from forecasting.metrics.columns import demand_rows
from forecasting.types import FloatArray


def pinball(y: FloatArray, quantile: FloatArray, level: float) -> float:
    """Mean pinball loss of a forecast quantile, in units of return; smallest for the true quantile.

    Parameters
    ----------
    y, quantile
        Shape (n,): realised returns and the forecast quantile, fractions.
    level
        Share of returns that should lie at or below the quantile, in (0, 1).

    References
    ----------
    Koenker and Bassett (1978), Regression Quantiles, Econometrica 46(1).
    """
    demand_rows(y=y, quantile=quantile)
    return float(np.mean(_pinball(y, quantile, _level(level))))


def interval_coverage(y: FloatArray, low: FloatArray, high: FloatArray) -> float:
    """Share of returns inside the interval, its ends included, in [0, 1].

    Raises
    ------
    ValueError
        A number is missing or infinite, or an interval ends below its begin.
    """
    _demand_intervals(low, high, y)
    return float(np.mean((low <= y) & (y <= high)))


def interval_width(low: FloatArray, high: FloatArray) -> float:
    """Mean width of intervals, in units of return."""
    _demand_intervals(low, high, low)
    return float(np.mean(high - low))


def crps_of_quantiles(y: FloatArray, quantiles: FloatArray, levels: FloatArray) -> float:
    """Continuous ranked probability score of forecast quantiles, in units of return.

    The mean pinball loss times two, each level standing for the levels nearer to it than to any other. For the k
    levels (i - 0.5) / k this is exactly the score of the k quantiles as an ensemble; it approaches that of the whole
    distribution as levels grow.

    Parameters
    ----------
    y
        Shape (n,): realised returns, fractions.
    quantiles
        Shape (n, k): forecast quantiles.
    levels
        Shape (k,): their levels, ascending, in (0, 1).

    References
    ----------
    Gneiting and Raftery (2007), Strictly Proper Scoring Rules, Prediction, and Estimation, JASA 102(477);
    Laio and Tamea (2007), Verification tools for probabilistic forecasts, HESS 11(4).
    """
    demand_rows(y=y, quantiles=quantiles)
    if not len(levels) or quantiles.shape != (len(y), len(levels)) or np.any(np.diff(levels) <= 0):
        raise ValueError(
            f"{quantiles.shape} quantiles and {len(levels)} levels were given: one column for each level, "
            "ascending, is needed"
        )
    for level in levels:
        _level(float(level))
    edges = np.concatenate([[0.0], (levels[1:] + levels[:-1]) / 2, [1.0]])
    losses = _pinball(y[:, None], quantiles, levels)
    return float(2 * np.mean(losses @ np.diff(edges)))


def crps_of_normal(y: FloatArray, mean: FloatArray, deviation: FloatArray) -> float:
    """Continuous ranked probability score of normal forecasts, in closed form, in units of return.

    Parameters
    ----------
    y, mean, deviation
        Shape (n,): realised returns, and mean and standard deviation of each forecast, fractions.

    References
    ----------
    Gneiting, Raftery, Westveld and Goldman (2005), Calibrated Probabilistic Forecasting Using Ensemble Model Output
    Statistics and Minimum CRPS Estimation, Monthly Weather Review 133(5).
    """
    from scipy.stats import norm

    demand_rows(y=y, mean=mean, deviation=deviation)
    if np.any(deviation <= 0):
        raise ValueError(f"a deviation of {deviation.min():g} was given: more than 0 is needed")
    z = (y - mean) / deviation
    inside = z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi)
    return float(np.mean(deviation * inside))


def _pinball(y: FloatArray, quantile: FloatArray, level: float | FloatArray) -> FloatArray:
    above = y - quantile
    loss: FloatArray = np.maximum(level * above, (level - 1) * above)
    return loss


def _level(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"the level {level:g} is not between 0 and 1")
    return level


def _demand_intervals(low: FloatArray, high: FloatArray, y: FloatArray) -> None:
    demand_rows(y=y, low=low, high=high)
    if np.any(high < low):
        raise ValueError(f"the interval of row {int(np.argmax(high < low))} ends below its begin")
