"""Stationary bootstrap of a mean, with blocks that are never shorter than a label."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.inference.spans import LabelSpans
from forecasting.metrics.columns import demand_rows
from forecasting.types import FloatArray

REPETITIONS = 1_000


@dataclass(frozen=True, slots=True)
class MeanInterval:
    """A mean and how far chance alone may move it.

    Attributes
    ----------
    mean, low, high
        In units of the values.
    level
        Share of samples in which such an interval holds the truth, in (0, 1).
    block
        Mean length of the blocks, in moments.
    labels
        Labels that do not overlap in time.
    """

    mean: float
    low: float
    high: float
    level: float
    block: int
    labels: int


def block_length(spans: LabelSpans, moments: int) -> int:
    """Mean block length in moments: the cube root of their number, and at least two labels long where labels overlap.

    Blocks of one label cut half of what neighbouring labels share.
    """
    overlapping = 2 * spans.overlap if spans.overlap > 1 else 1
    return max(overlapping, math.ceil(math.cbrt(moments)))


def mean_interval(
    spans: LabelSpans,
    values: FloatArray,
    *,
    level: float = 0.9,
    repetitions: int = REPETITIONS,
    random_state: int = 7,
) -> MeanInterval:
    """Interval of the mean of values, resampled by blocks of moments; all symbols of a moment stay together.

    Each side is the bootstrap's own quantile, which keeps the interval of a share inside [0, 1]. It is a little short
    where labels overlap: at 40 to 90 labels that do not, an interval of 90 % holds the truth in 84 to 86 % of samples.

    Parameters
    ----------
    spans
        Label spans of the rows.
    values
        Shape (n,): one value for each row: 1 for a right direction, a loss, a return.
    level
        As in `MeanInterval`.
    repetitions
        Number of resamples.
    random_state
        Seed of the resamples.

    References
    ----------
    Politis and Romano (1994), The Stationary Bootstrap, JASA 89(428).
    """
    from arch.bootstrap import StationaryBootstrap

    demand_rows(values=values, spans=spans.as_of_ms.astype(np.float64))
    sums, counts = spans.sum_by_moment(values), spans.sum_by_moment(np.ones(len(values)))
    block = block_length(spans, len(sums))
    bootstrap = StationaryBootstrap(block, sums, counts, seed=random_state)
    means = bootstrap.apply(_ratio, repetitions)[:, 0]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return MeanInterval(float(values.mean()), float(low), float(high), level, block, spans.non_overlapping)


def _ratio(sums: FloatArray, counts: FloatArray) -> float:
    return float(sums.sum() / counts.sum())
