"""How far chance alone may move the figures of a run: intervals by the stationary bootstrap of its days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.backtest.performance.curve import EquityCurve, day_returns
from forecasting.backtest.performance.figures import YEAR_DAYS
from forecasting.errors import NotEnoughHistory
from forecasting.inference import LabelSpans
from forecasting.inference.bootstrap import REPETITIONS, block_length
from forecasting.types import DAY_MS, FloatArray, IntArray

LEAST_DAYS = 20


@dataclass(frozen=True, slots=True)
class FigureInterval:
    """A figure and the ends between which it lies in most resamples of the days."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ChanceFigures:
    """Figures of one run, or what one run has more than another, with intervals.

    Attributes
    ----------
    pnl, volatility, sharpe, sortino
        As in `Performance`. A ratio to nothing counts as zero here, for a resample in which nothing happens earns nothing.
    level
        Share of samples in which such an interval holds the truth, in (0, 1).
    days, block_days
        Days of the run, and mean length of the blocks that are drawn: no shorter than twice a look-ahead of more days
        than one.
    """

    pnl: FigureInterval
    volatility: FigureInterval
    sharpe: FigureInterval
    sortino: FigureInterval
    level: float
    days: int
    block_days: int


def chance_figures(
    curve: EquityCurve, look_ahead_ms: int, *, level: float = 0.9, random_state: int = 7
) -> ChanceFigures:
    """Intervals of the figures of a run.

    Parameters
    ----------
    curve
        Equity of the run.
    look_ahead_ms
        The longest look-ahead that was traded.
    level
        As in `ChanceFigures`.
    random_state
        Seed of the resamples.

    Raises
    ------
    NotEnoughHistory
        Fewer than 20 days.

    References
    ----------
    Politis and Romano (1994), The Stationary Bootstrap, JASA 89(428).
    """
    days, returns = day_returns(curve)
    return _resampled(days, returns[:, None], np.array([1.0]), look_ahead_ms, level, random_state)


def chance_of_difference(
    curve: EquityCurve,
    baseline: EquityCurve,
    look_ahead_ms: int,
    *,
    level: float = 0.9,
    random_state: int = 7,
) -> ChanceFigures:
    """Intervals of what a run has more than a baseline; the same days are drawn of both, so that they share their luck.

    Raises
    ------
    NotEnoughHistory
        Fewer than 20 days, or the two did not run over the same days.
    """
    (days, ours), (other_days, theirs) = day_returns(curve), day_returns(baseline)
    if not np.array_equal(days, other_days):
        raise NotEnoughHistory(
            f"strategy and baseline ran over {len(days)} and {len(other_days)} days that are not the same: simulate both "
            "over the same candles"
        )
    both = np.column_stack([ours, theirs])
    return _resampled(days, both, np.array([1.0, -1.0]), look_ahead_ms, level, random_state)


def _resampled(
    days: IntArray,
    returns: FloatArray,
    signs: FloatArray,
    look_ahead_ms: int,
    level: float,
    random_state: int,
) -> ChanceFigures:
    from arch.bootstrap import StationaryBootstrap

    if len(days) < LEAST_DAYS:
        raise NotEnoughHistory(
            f"{len(days)} days were simulated: {LEAST_DAYS} are needed to tell what chance may do"
        )
    block = block_length(LabelSpans(days, days + max(DAY_MS, look_ahead_ms)), len(days))
    drawn = StationaryBootstrap(block, returns, seed=random_state).apply(
        lambda sample: _figures(sample) @ signs, REPETITIONS
    )
    ends = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
    rows = zip(_figures(returns) @ signs, *ends, strict=True)
    pnl, volatility, sharpe, sortino = (FigureInterval(*(float(each) for each in row)) for row in rows)
    return ChanceFigures(pnl, volatility, sharpe, sortino, level, len(days), block)


def _figures(returns: FloatArray) -> FloatArray:
    """Profit, volatility, Sharpe and Sortino ratio of each column of returns a day, shape (4, columns)."""
    mean, deviation = returns.mean(axis=0), returns.std(axis=0, ddof=1)
    losses = np.sqrt(np.square(np.minimum(returns, 0.0)).mean(axis=0))
    year = np.sqrt(YEAR_DAYS)
    return np.stack(
        [
            np.prod(1.0 + returns, axis=0) - 1.0,
            deviation * year,
            _over(mean, deviation) * year,
            _over(mean, losses) * year,
        ]
    )


def _over(above: FloatArray, below: FloatArray) -> FloatArray:
    ratio: FloatArray = np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
    return ratio
