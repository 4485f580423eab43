"""Windows of bars that are all there: the rule of the extended set."""

from __future__ import annotations

import math

from forecasting.features.compilation import compiled
from forecasting.types import FloatArray, IntArray

# Closes that are right to the last bit give spreads that are right to about 2e-16 of the price: what is smaller
# than this share of the mean is rounding, and dividing by it would blow rounding up to a signal.
LEAST_SPREAD = 1e-14


@compiled
def is_whole(bar: IntArray, row: int, bars: int) -> bool:
    """Whether the row's candle and all `bars - 1` before it are there."""
    oldest = row - bars + 1
    return oldest >= 0 and bar[row] - bar[oldest] == bars - 1


@compiled
def mean_and_deviation(values: FloatArray, start: int, stop: int, freedom: int) -> tuple[float, float]:
    """Mean and standard deviation of values[start:stop]; `freedom` is 1 for the sample's, 0 for the population's."""
    total = 0.0
    for at in range(start, stop):
        total += values[at]
    mean, squares = total / (stop - start), 0.0
    for at in range(start, stop):
        apart = values[at] - mean
        squares += apart * apart
    return mean, math.sqrt(squares / (stop - start - freedom))


@compiled
def weighted_sum(values: FloatArray, stop: int, weights: FloatArray) -> float:
    """Sum of the last values before `stop`, weights[0] being the newest one's."""
    total = 0.0
    for age in range(len(weights)):
        total += weights[age] * values[stop - 1 - age]
    return total
