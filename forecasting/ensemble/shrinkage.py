"""How far a forecast is drawn toward the naive one."""

from __future__ import annotations

import numpy as np

from forecasting.types import FloatArray


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
