"""What an ARMA process expects of its next values when only some sums of its last ones are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.types import FloatArray


def sum_loads(autocovariances: FloatArray, spans: Sequence[int], ahead: int) -> FloatArray:
    """Best linear forecast of the sum of the next values from sums of the last ones, whichever are known.

    For a normal process this is the conditional mean, so no other forecast from these sums has a smaller squared
    error. With g(k) the autocovariance at lag k, the sums over the last `a` and the last `b` values have the
    covariance sum g(|i - j|), i < a, j < b; the sum of the last `a` and that of the next `ahead` have
    sum g(i + j), i < a, 1 <= j <= ahead.

    Parameters
    ----------
    autocovariances
        Shape (max(spans) + ahead,): at lags 0, 1, ...; that at lag 0 is positive.
    spans
        Over how many of the last values each sum goes; distinct.
    ahead
        How many values are forecast.

    Returns
    -------
    FloatArray
        Shape (2^m, m): row p has the loads of the m sums, less their means, when those are known whose bits are
        set in p, and zeros for the others.

    References
    ----------
    Brockwell & Davis (1991), Time Series: Theory and Methods, section 5.1.
    """
    longest, count = max(spans), len(spans)
    lags = np.arange(longest)
    within = autocovariances[np.abs(lags[:, None] - lags)]
    toward = np.array([autocovariances[lag + 1 : lag + 1 + ahead].sum() for lag in lags])
    sums = np.array([lags < span for span in spans], dtype=np.float64)
    covariance = np.einsum("ai,ij,bj->ab", sums, within, sums)
    target = np.einsum("ai,i->a", sums, toward)
    loads = np.zeros((2**count, count))
    for pattern in range(1, 2**count):
        known = np.flatnonzero(pattern >> np.arange(count) & 1)
        loads[pattern, known] = np.linalg.solve(covariance[np.ix_(known, known)], target[known])
    return loads
