"""t statistics of a mean whose neighbours are alike, each with the distribution that it really has.

A long-run variance that is estimated from few labels is itself uncertain, and a normal distribution does not know that.
Fixed-smoothing distributions do.

References
----------
Harvey, Leybourne and Newbold (1997), Testing the equality of prediction mean squared errors, International Journal
of Forecasting 13(2); Kiefer and Vogelsang (2005), A new asymptotic theory for heteroskedasticity-autocorrelation robust
tests, Econometric Theory 21(6); Coroneo and Iacone (2020), Comparing predictive accuracy in small samples using
fixed-smoothing asymptotics, Journal of Applied Econometrics 35(4).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np

from forecasting.types import FloatArray

Smoothing = Literal["periodogram", "fixed-b", "harvey"]

_LABELS_A_FREQUENCY = 8
_STEPS, _DRAWS, _SEED = 400, 20_000, 20_050_600


def upper_tail(
    values: FloatArray, overlap: int, labels: int, smoothing: Smoothing
) -> tuple[float | None, float | None]:
    """Return the t statistic of a mean above zero, and the chance of one at least as large where the mean is zero.

    Parameters
    ----------
    values
        Shape (T,): one value a moment, oldest first.
    overlap
        Moments that a label reaches over.
    labels
        Labels that do not overlap.
    smoothing
        `periodogram`: variance from the lowest frequencies, Student's t. `fixed-b`: Bartlett's weights, with the
        distribution of Kiefer and Vogelsang. `harvey`: the classic correction with all autocovariances of a label,
        which rejects too often when labels overlap much.

    Returns
    -------
    statistic, p_value
        Both None where the variance is not positive, which only `harvey` can bring about for values that differ.
    """
    moments = len(values)
    if moments < 2:
        return None, None
    if smoothing == "periodogram":
        frequencies = frequencies_for(moments, labels)
        statistic = _t(values, periodogram_variance(values, frequencies))
        return statistic, _student_tail(statistic, 2 * frequencies)
    if smoothing == "fixed-b":
        bandwidth = bandwidth_for(moments, overlap)
        statistic = _t(values, weighted_variance(values, bandwidth, falling=True))
        return statistic, None if statistic is None else fixed_b_tail(statistic, bandwidth / moments)
    statistic = _t(values, weighted_variance(values, overlap, falling=False))
    if statistic is None:
        return None, None
    corrected = statistic * math.sqrt(
        max(0.0, moments + 1 - 2 * overlap + overlap * (overlap - 1) / moments) / moments
    )
    return corrected, _student_tail(corrected, moments - 1)


def frequencies_for(moments: int, labels: int) -> int:
    """As many of the lowest frequencies as the cube root of the moments, and so few that a label is short beside each."""
    return max(1, min(int(math.cbrt(moments)), labels // _LABELS_A_FREQUENCY))


def bandwidth_for(moments: int, overlap: int) -> int:
    """Bandwidth of the falling weights: the root of the moments, at least two labels, at most all moments."""
    return min(moments, max(int(math.sqrt(moments)), 2 * overlap))


def periodogram_variance(values: FloatArray, frequencies: int) -> float:
    """Long-run variance: mean of the periodogram at the lowest frequencies but zero (Daniell's weights)."""
    powers = np.abs(np.fft.rfft(values - values.mean())) ** 2 / len(values)
    return float(np.mean(powers[1 : frequencies + 1]))


def weighted_variance(values: FloatArray, bandwidth: int, *, falling: bool) -> float:
    """Long-run variance from the autocovariances below the bandwidth, weighted by 1 - lag / bandwidth or all by 1."""
    around = values - values.mean()
    lags = range(1, min(bandwidth, len(values)))
    covariances = [float(np.dot(around[lag:], around[:-lag])) for lag in lags]
    weights = [1 - lag / bandwidth if falling else 1.0 for lag in lags]
    both_sides = 2 * math.fsum(weight * each for weight, each in zip(weights, covariances, strict=True))
    return (float(np.dot(around, around)) + both_sides) / len(values)


def fixed_b_tail(statistic: float, bandwidth_share: float) -> float:
    """Chance of a fixed-b statistic at least as large, from 20,000 seeded random walks of 400 steps.

    Parameters
    ----------
    statistic
        t statistic with Bartlett's weights.
    bandwidth_share
        Bandwidth over number of moments, in (0, 1].
    """
    lags = max(1, round(bandwidth_share * _STEPS))
    below = int(np.searchsorted(fixed_b_sizes(lags), abs(statistic)))
    both = (1 + _DRAWS - below) / (1 + _DRAWS)
    return both / 2 if statistic >= 0 else 1 - both / 2


@lru_cache(maxsize=64)
def fixed_b_sizes(lags: int) -> FloatArray:
    """Sizes of the statistic on 400 independent values with no mean, ascending."""
    generator = np.random.default_rng(_SEED)
    sizes = [_walk_sizes(generator.standard_normal((1_000, _STEPS)), lags) for _ in range(_DRAWS // 1_000)]
    return np.sort(np.concatenate(sizes))


def _walk_sizes(steps: FloatArray, lags: int) -> FloatArray:
    means = steps.mean(axis=1, keepdims=True)
    walks = np.cumsum(steps - means, axis=1)[:, :-1]
    # Bartlett's variance in partial sums; the last one is zero.
    squares = np.einsum("ij,ij->i", walks, walks)
    shifted = np.einsum("ij,ij->i", walks[:, lags:], walks[:, : max(0, walks.shape[1] - lags)])
    variance = 2 * (squares - shifted) / (_STEPS * lags)
    sizes: FloatArray = np.abs(means[:, 0]) * math.sqrt(_STEPS) / np.sqrt(variance)
    return sizes


def _t(values: FloatArray, variance: float) -> float | None:
    # Rounding leaves a trace of variance where all values are equal.
    if variance <= 1e-24 * float(np.mean(np.square(values))):
        return None
    return float(values.mean()) * math.sqrt(len(values) / variance)


def _student_tail(statistic: float | None, freedom: int) -> float | None:
    from scipy.stats import t as student

    return None if statistic is None else float(student.sf(statistic, freedom))
