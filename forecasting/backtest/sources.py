"""Whose forecasts a strategy acts on, at the same closes and costs: the ensemble's, or those of a baseline."""

from __future__ import annotations

import numpy as np

from forecasting.backtest.engine import Simulation, Ticks, simulate
from forecasting.backtest.strategies import Costs, Source, Strategy
from forecasting.errors import InvalidSettings
from forecasting.types import FloatArray


def run_strategy(strategy: Strategy, costs: Costs, ticks: Ticks, naive: Ticks | None = None) -> Simulation:
    """Simulate a strategy over the ticks of one symbol.

    Parameters
    ----------
    strategy, costs
        What is done, and what it costs.
    ticks
        With the ensemble's forecasts.
    naive
        The same closes with naive's; only a strategy that acts on them needs it.

    Raises
    ------
    InvalidSettings
        The strategy acts on naive's forecasts and they are not given.
    """
    rule = strategy.numbers(costs, ticks.candles.interval_ms)
    return simulate(said_by(strategy.source, ticks, naive), rule)


def said_by(source: Source, ticks: Ticks, naive: Ticks | None = None) -> Ticks:
    """Lay the forecasts of a source at the same closes.

    Persistence forecasts the last move over again, and is always sure: nobody has calibrated it. Buy and hold forecasts a
    rise at each close, flat forecasts no move.

    Raises
    ------
    InvalidSettings
        As in `run_strategy`.
    """
    sure = np.ones(len(ticks))
    if source == "ensemble":
        return ticks
    if source == "persistence":
        return ticks.saying(source, last_move(ticks), sure)
    if source == "buy_and_hold":
        return ticks.saying(source, sure, sure)
    if source == "flat":
        return ticks.saying(source, np.zeros(len(ticks)), sure)
    if naive is None:
        raise InvalidSettings(
            f"{ticks.symbol}: a strategy acts on naive's forecasts, and none were given: lay them beside the ensemble's"
        )
    return naive


def last_move(ticks: Ticks) -> FloatArray:
    """Return of the last look-ahead at each close, shape (n,), a fraction; NaN where the candle that it begins with is absent."""
    closes, times = ticks.candles.close, ticks.as_of_ms
    begun = times - ticks.look_ahead_ms
    at = np.searchsorted(times, begun)
    there = times[at] == begun
    return np.where(there, closes / closes[at] - 1.0, np.nan)
