"""Equity over time, of one symbol or of several with one unit of capital each, and its returns from day to day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecasting.backtest.engine import CAPITAL, Simulation
from forecasting.errors import NotEnoughHistory
from forecasting.types import DAY_MS, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class EquityCurve:
    """Equity at each close, in units of the capital.

    Attributes
    ----------
    start_ms
        Open of the first candle, epoch milliseconds UTC; the capital is whole until then.
    time_ms
        Shape (n,): closes, epoch milliseconds UTC, strictly increasing.
    equity
        Shape (n,): mean over the symbols. Nothing is moved between them: each lives on its own capital.
    exposure
        Shape (n,): held money over equity, its absolute value, mean over the symbols.
    """

    start_ms: int
    time_ms: IntArray
    equity: FloatArray
    exposure: FloatArray

    @property
    def drawdown(self) -> FloatArray:
        """Shape (n,): what is lost since the highest equity so far, a fraction of it, at each close."""
        peak = np.maximum.accumulate(np.maximum(self.equity, CAPITAL))
        lost: FloatArray = 1.0 - self.equity / peak
        return lost


def month_names(time_ms: IntArray) -> NDArray[np.str_]:
    """Month of each moment, UTC, as in `2025-09`."""
    return time_ms.astype("datetime64[ms]").astype("datetime64[M]").astype("<U7")


def month_returns(curve: EquityCurve) -> dict[str, float]:
    """Return of each UTC month, a fraction of the equity at its begin, oldest first; they compound to the profit."""
    begins, returns = day_returns(curve)
    months = month_names(begins)
    return {name: float(np.prod(1.0 + returns[months == name]) - 1.0) for name in np.unique(months).tolist()}


def equity_curve(simulations: Sequence[Simulation]) -> EquityCurve:
    """Join the simulations of several symbols.

    Before its first candle a symbol's capital lies idle; after its last, settled, it lies idle again.

    Raises
    ------
    NotEnoughHistory
        There is no simulation.
    """
    if not simulations:
        raise NotEnoughHistory("no symbol was simulated: at least one is needed for an equity")
    time_ms = np.unique(np.concatenate([each.ticks.as_of_ms for each in simulations]))
    equity, exposure = np.zeros(len(time_ms)), np.zeros(len(time_ms))
    for each in simulations:
        at = np.searchsorted(each.ticks.as_of_ms, time_ms, side="right")
        equity += np.append(CAPITAL, each.equity)[at]
        exposure += np.append(0.0, np.abs(np.nan_to_num(each.weight)))[at]
    start_ms = min(int(each.ticks.candles.open_time_ms[0]) for each in simulations)
    return EquityCurve(start_ms, time_ms, equity / len(simulations), exposure / len(simulations))


def day_returns(curve: EquityCurve) -> tuple[IntArray, FloatArray]:
    """Return of each UTC day from the first to the last, those without a close included, which earn nothing.

    Returns
    -------
    IntArray
        Shape (days,): begin of each day, epoch milliseconds UTC. A close at midnight belongs to the day that it ends.
    FloatArray
        Shape (days,): fractions of the equity at the day's begin; 0 once no equity is left.
    """
    days = days_between(curve.start_ms, int(curve.time_ms[-1]))
    ends = np.append(CAPITAL, curve.equity)[closes_by_day(curve.time_ms, days)]
    return days * DAY_MS, returns_between(ends)


def days_between(start_ms: int, end_ms: int) -> IntArray:
    """Numbers of the UTC days that a span touches, shape (days,); one that ends at midnight does not touch the next."""
    return np.arange(start_ms // DAY_MS, (end_ms - 1) // DAY_MS + 1)


def closes_by_day(time_ms: IntArray, days: IntArray) -> IntArray:
    """How many closes there are up to the end of each day, shape (days,): the place of its last one, from 1 on."""
    return np.searchsorted((time_ms - 1) // DAY_MS, days, side="right")


def returns_between(ends: FloatArray) -> FloatArray:
    """Return of each day from the equity at the ends of all, shape (days,); 0 once no equity is left."""
    begins = np.append(CAPITAL, ends[:-1])
    returns: FloatArray = np.divide(ends - begins, begins, out=np.zeros(len(ends)), where=begins > 0)
    return returns
