"""How well a forecast and the ends of its intervals describe what came: the return's whole distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.dataset import Dataset
from forecasting.intervals.adaptive import LEVELS
from forecasting.metrics import crps_of_quantiles, pinball
from forecasting.types import FloatArray

_TAILS = tuple((1 - level) / 2 for level in reversed(LEVELS))
# The ends of the intervals, and the forecast itself between them.
QUANTILE_LEVELS = (*_TAILS, 0.5, *(1 - tail for tail in reversed(_TAILS)))


@dataclass(frozen=True, slots=True)
class QuantileScores:
    """Scores of five forecast quantiles, in units of return; smaller is better.

    Attributes
    ----------
    rows
        Rows that have intervals.
    pinball
        Mean loss of each quantile, by its level in per cent.
    crps
        Continuous ranked probability score of the five together: the absolute error of a forecast that knows how
        unsure it is.
    """

    rows: int
    pinball: dict[str, float]
    crps: float


def score_quantiles(rows: Dataset, pred_return: FloatArray, ends: FloatArray) -> QuantileScores | None:
    """Score forecasts and their intervals; None where no row has an interval.

    Parameters
    ----------
    rows
        The n judged rows.
    pred_return
        Shape (n,): forecasts, fractions; the middle quantile.
    ends
        Shape (n, levels, 2), as `interval_ends` gives them.
    """
    told = ~np.isnan(ends[:, 0, 0])
    if not told.any():
        return None
    low, high = np.moveaxis(ends[told], 2, 0)
    quantiles = np.column_stack([low[:, ::-1], pred_return[told], high])
    y, levels = rows.y[told], np.array(QUANTILE_LEVELS)
    return QuantileScores(
        rows=len(y),
        pinball={
            f"{level:.0%}": pinball(y, column, level)
            for level, column in zip(QUANTILE_LEVELS, quantiles.T, strict=True)
        },
        crps=crps_of_quantiles(y, quantiles, levels),
    )
