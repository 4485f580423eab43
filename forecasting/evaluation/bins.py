"""Rows sorted by what was forecast, and cut into bins of about equal size: what a reliability plot shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.inference.spans import LabelSpans
from forecasting.types import FloatArray

MOST_BINS = 10
TWO_SIDED_95 = 1.96


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose forecasts lie next to each other.

    Attributes
    ----------
    forecast
        Mean of what was forecast.
    realised
        Mean of what came.
    low, high
        Bounds of a 95 % interval for the mean of what comes, from the labels that do not overlap.
    rows, labels
        Number of rows, and of labels among them that do not overlap in time.
    """

    forecast: float
    realised: float
    low: float
    high: float
    rows: int
    labels: int


def probability_bins(probability: FloatArray, outcome: FloatArray, spans: LabelSpans) -> tuple[Bin, ...]:
    """Bins of a forecast probability and how often it happened, with Wilson's interval.

    Parameters
    ----------
    probability, outcome
        Shape (n,): in [0, 1], and 1 where it happened.
    spans
        Of the n labels.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22(158).
    """
    return _bins(probability, outcome, spans, lambda found, labels: wilson(float(found.mean()), labels))


def return_bins(forecast: FloatArray, y: FloatArray, spans: LabelSpans) -> tuple[Bin, ...]:
    """Bins of forecast returns and the mean realised return, with a normal interval."""
    return _bins(forecast, y, spans, _normal)


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was found among so many independent cases.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson(0.5, 100)]
    [0.4038, 0.5962]
    """
    z = TWO_SIDED_95
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return middle - half, middle + half


def _normal(found: FloatArray, labels: int) -> tuple[float, float]:
    mean, half = float(found.mean()), TWO_SIDED_95 * float(found.std()) / math.sqrt(labels)
    return mean - half, mean + half


def _bins(
    forecast: FloatArray,
    realised: FloatArray,
    spans: LabelSpans,
    interval: Callable[[FloatArray, int], tuple[float, float]],
) -> tuple[Bin, ...]:
    if not len(forecast):
        return ()
    edges = np.unique(np.quantile(forecast, np.linspace(0, 1, MOST_BINS + 1)[1:-1]))
    # Equal forecasts are never parted: the calibrator gives the same probability to many rows.
    place = np.searchsorted(edges, forecast, side="left")
    return tuple(
        _bin(forecast[chosen], realised[chosen], spans.take(chosen), interval)
        for number in range(len(edges) + 1)
        if (chosen := np.flatnonzero(place == number)).size
    )


def _bin(
    forecast: FloatArray,
    realised: FloatArray,
    spans: LabelSpans,
    interval: Callable[[FloatArray, int], tuple[float, float]],
) -> Bin:
    labels = spans.non_overlapping
    low, high = interval(realised, labels)
    return Bin(float(forecast.mean()), float(realised.mean()), low, high, len(forecast), labels)
