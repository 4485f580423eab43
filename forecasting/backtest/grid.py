"""Many settings of a rule over the same forecasts: what a search of parameters tries, and all that it tried."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from forecasting.backtest.engine import CAPITAL, RuleNumbers, Ticks, tick_columns
from forecasting.backtest.engine.simulation import Room, one_pass
from forecasting.backtest.performance.curve import closes_by_day, days_between, returns_between
from forecasting.errors import NotEnoughHistory
from forecasting.types import DAY_MS, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class GridResult:
    """Returns of all settings over the same days: what `overfitting_probability` and `deflated_sharpe` ask for.

    The best of many settings is a choice made with hindsight: its own figures say little before both have judged them.

    Attributes
    ----------
    day_ms
        Shape (days,): begin of each UTC day, epoch milliseconds.
    returns
        Shape (days, settings): after costs, fractions of the equity at the day's begin; one unit of capital in each
        symbol.
    trades
        Shape (settings,): number of trades of all symbols.
    """

    day_ms: IntArray
    returns: FloatArray
    trades: IntArray

    @property
    def pnl(self) -> FloatArray:
        """Shape (settings,): profit after costs, a fraction of the capital."""
        profit: FloatArray = np.prod(1.0 + self.returns, axis=0) - 1.0
        return profit


def run_grid(
    ticks: Sequence[Ticks], settings: Sequence[RuleNumbers], threads: int | None = None
) -> GridResult:
    """Trade all symbols once for each setting; forecasts and candles are shared, only the rule differs.

    Parameters
    ----------
    ticks
        Of each symbol.
    settings
        Numbers of each rule and its costs.
    threads
        At once; as many as there are processors without it. The result is the same to the last bit.

    Raises
    ------
    NotEnoughHistory
        There is no symbol or no setting.
    """
    if not ticks or not settings:
        raise NotEnoughHistory(
            f"{len(ticks)} symbols and {len(settings)} settings were given: one of each is needed at least"
        )
    start_ms = min(int(each.candles.open_time_ms[0]) for each in ticks)
    days = days_between(start_ms, max(int(each.as_of_ms[-1]) for each in ticks))
    equity, trades = np.zeros((len(settings), len(days))), np.zeros(len(settings), dtype=np.int64)
    parts = min(threads or os.cpu_count() or 1, len(settings))
    shares = np.array_split(np.arange(len(settings)), parts)

    def run(chosen: IntArray) -> None:
        for each in ticks:
            _run_symbol(each, settings, chosen, days, equity, trades)

    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(run, shares))
    returns = [returns_between(ends / len(ticks)) for ends in equity]
    return GridResult(days * DAY_MS, np.stack(returns, axis=1), trades)


def _run_symbol(
    ticks: Ticks,
    settings: Sequence[RuleNumbers],
    chosen: IntArray,
    days: IntArray,
    equity: FloatArray,
    trades: IntArray,
) -> None:
    """Add what one symbol has at the end of each day to the chosen rows of `equity`, and its trades to `trades`."""
    columns, room = tick_columns(ticks), Room.for_ticks(len(ticks))
    last = closes_by_day(ticks.as_of_ms, days)
    for number in chosen.tolist():
        trades[number] += one_pass(ticks, columns, settings[number], room)[1]
        equity[number] += np.where(last > 0, room.equity[np.maximum(last, 1) - 1], CAPITAL)
