"""How much more a strategy earned than a baseline: as a ratio only where the baseline's profit is told from nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.backtest.performance.chance import (
    ChanceFigures,
    FigureInterval,
    chance_figures,
    chance_of_difference,
)
from forecasting.backtest.performance.curve import EquityCurve, day_returns
from forecasting.inference.bootstrap import REPETITIONS
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True)
class Uplift:
    """What a strategy earned beyond a baseline over the same days.

    Attributes
    ----------
    difference
        Figures of the strategy less those of the baseline; the same days are drawn of both.
    baseline_pnl
        Profit of the baseline, a fraction of the capital.
    ratio
        Difference of the profits over the size of the baseline's: 0.5 is half as much again. None where the interval of
        the baseline's profit holds zero: such a ratio may be anything, whatever the strategy did.

    References
    ----------
    Fieller (1954), Some Problems in Interval Estimation, JRSS B 16(2): a ratio has a bounded confidence set only if its
    denominator is told from zero.
    """

    difference: ChanceFigures
    baseline_pnl: FigureInterval
    ratio: FigureInterval | None

    @property
    def pnl(self) -> FigureInterval:
        """The ratio, or the difference where there is none."""
        return self.difference.pnl if self.ratio is None else self.ratio


def uplift(
    curve: EquityCurve,
    baseline: EquityCurve,
    look_ahead_ms: int,
    *,
    level: float = 0.9,
    random_state: int = 7,
) -> Uplift:
    """Hold a strategy against a baseline that ran over the same days.

    Parameters
    ----------
    curve, baseline
        Equity of both.
    look_ahead_ms
        The longest look-ahead that was traded.
    level
        Share of samples in which such an interval holds the truth, in (0, 1).
    random_state
        Seed of the resamples.

    Raises
    ------
    NotEnoughHistory
        Fewer than 20 days, or the two did not run over the same days.
    """
    difference = chance_of_difference(curve, baseline, look_ahead_ms, level=level, random_state=random_state)
    theirs = chance_figures(baseline, look_ahead_ms, level=level, random_state=random_state).pnl
    told = theirs.low > 0 or theirs.high < 0
    both = np.column_stack([day_returns(curve)[1], day_returns(baseline)[1]])
    ratio = _ratio_interval(both, difference.block_days, level, random_state) if told else None
    return Uplift(difference, theirs, ratio)


def _ratio_interval(both: FloatArray, block: int, level: float, random_state: int) -> FigureInterval:
    from arch.bootstrap import StationaryBootstrap

    drawn = StationaryBootstrap(block, both, seed=random_state).apply(_ratio, REPETITIONS)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return FigureInterval(float(_ratio(both)), float(low), float(high))


def _ratio(both: FloatArray) -> float:
    ours, theirs = np.prod(1.0 + both, axis=0) - 1.0
    # A resample whose baseline earned exactly nothing says nothing about the ratio, so it counts as no uplift.
    return float((ours - theirs) / abs(theirs)) if theirs else 0.0
