"""The test rows a candidate was judged on, with all that was forecast for them: what its report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest.regimes import regimes_of
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.evaluation.columns import ForecastColumns, judged_rows
from forecasting.evaluation.intervals import interval_ends
from forecasting.forecaster.forecaster import Forecaster, Forecasts
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class JudgedRows:
    """Rows that judge candidate and naive, the very ones of the comparison's own scoreboard.

    Attributes
    ----------
    rows
        Features, labels and times of the n rows, ordered by as_of.
    candidate, naive
        Their forecasts.
    member_names
        Names of the m members.
    member_returns
        Shape (n, m): each member's own forecast, before it is shrunken and weighed, fractions.
    regime
        Shape (n,): the regime at each as_of, as a word.
    intervals
        Shape (n, 2, 2): ends of the 80 % and of the 90 % interval as the bundle serves them, fractions; NaN where
        it gives none.
    """

    rows: Dataset
    candidate: ForecastColumns
    naive: ForecastColumns
    member_names: tuple[str, ...]
    member_returns: FloatArray
    regime: NDArray[np.str_]
    intervals: FloatArray


def keep_judged(
    candles: Mapping[str, Candles],
    rows: Dataset,
    forecaster: Forecaster,
    forecasts: Forecasts,
    candidate: ForecastColumns,
    naive: ForecastColumns,
) -> JudgedRows:
    """Take what was forecast for the rows that judge candidate and naive."""
    judged = judged_rows(rows, [candidate, naive])
    chosen = rows.take(judged)
    return JudgedRows(
        rows=chosen,
        candidate=candidate.take(judged),
        naive=naive.take(judged),
        member_names=forecasts.member_names,
        member_returns=forecasts.member_returns[judged],
        regime=regimes_of(chosen, candles),
        intervals=interval_ends(forecaster, chosen, forecasts.pred_return[judged]),
    )
