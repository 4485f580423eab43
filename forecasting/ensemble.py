"""How members are weighed: each is drawn toward the naive forecast, then counts by its error."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecasting.types import FloatArray


def inverse_rmse_weights(rmse: Mapping[str, float]) -> dict[str, float]:
    """Weights in proportion to 1 / RMSE; they sum to 1.

    A member whose RMSE is exactly zero takes all the weight, shared with any other such member.

    Parameters
    ----------
    rmse
        Error of each member on the same rows, in units of return, finite and not negative.

    Raises
    ------
    ValueError
        There is no member, or an error is negative or not finite.

    References
    ----------
    Bates & Granger (1969), The Combination of Forecasts, Operational Research Quarterly 20(4).

    Examples
    --------
    >>> inverse_rmse_weights({"naive": 0.02, "rf": 0.01})["rf"].__round__(6)
    0.666667
    """
    errors = np.array(list(rmse.values()), dtype=np.float64)
    if not len(errors) or not (np.isfinite(errors) & (errors >= 0)).all():
        raise ValueError(f"errors {dict(rmse)} give no weights: at least one, all finite and not negative")
    perfect = errors == 0
    # Relative to the smallest error, so that tiny errors cannot overflow.
    raw = perfect.astype(np.float64) if perfect.any() else errors.min() / errors
    return dict(zip(rmse, (raw / raw.sum()).tolist(), strict=True))


def shrinkage_factor(forecast: FloatArray, baseline: FloatArray, y: FloatArray) -> float:
    """How much of a forecast's distance from the baseline to keep, in [0, 1], by least squares.

    The factor s minimises the squared error of baseline + s (forecast - baseline) over the rows given, so
    it must be fitted on rows that the forecast was not. 0 says that the forecast adds nothing; a forecast
    that should be stretched stays as it is.

    Parameters
    ----------
    forecast, baseline, y
        Shape (n,): returns, fractions.

    Examples
    --------
    >>> shrinkage_factor(np.array([0.04, -0.04]), np.zeros(2), np.array([0.01, -0.01]))
    0.25
    """
    distance = forecast - baseline
    largest = float(np.abs(distance).max(initial=0.0))
    if largest == 0:
        return 0.0
    scaled = distance / largest
    slope = float(np.sum(scaled * (y - baseline)) / np.sum(np.square(scaled))) / largest
    return min(1.0, max(0.0, slope))


def blend(
    naive: FloatArray,
    member_returns: Mapping[str, FloatArray],
    weights: Mapping[str, float],
    shrinkages: Mapping[str, float],
) -> FloatArray:
    """Ensemble forecast: naive + sum over members of weight x shrinkage x (member - naive), shape (n,).

    Members are added in the order of `weights`, one at a time: a matrix product may add in another order when
    there are more rows, and a row's forecast must not depend on the rows beside it.
    """
    forecast = naive.copy()
    for name, weight in weights.items():
        forecast += weight * shrinkages[name] * (member_returns[name] - naive)
    return forecast
