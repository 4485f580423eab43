"""Equity of several symbols, its days, months and drawdowns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.backtest.engine import simulate
from forecasting.backtest.performance import EquityCurve, day_returns, equity_curve, month_returns
from forecasting.errors import NotEnoughHistory
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.backtest.engine.markets import FREE, market, random_ticks, ticks_of

HOLD = FREE._replace(exit_over=False, exit_opposite=True)


def curve_of(hours: list[float], equity: list[float], start_hours: float = 0) -> EquityCurve:
    times = (np.array(hours) * HOUR_MS).astype(np.int64)
    return EquityCurve(int(start_hours * HOUR_MS), times, np.array(equity), np.ones(len(hours)))


def test_symbols_share_the_capital_evenly_and_idle_where_they_have_no_candles() -> None:
    early = simulate(ticks_of(market([10, 10, 20], closes=[10, 20, 20]), [0.1] * 3), HOLD)
    late_market = market([10, 10, 5], closes=[10, 5, 5], hours=np.array([2, 3, 4]))
    late = simulate(ticks_of(late_market, [0.1] * 3), HOLD)
    curve = equity_curve([early, late])
    assert (curve.time_ms // HOUR_MS).tolist() == [1, 2, 3, 4, 5]
    assert curve.equity.tolist() == [1.0, 1.5, 1.5, 1.25, 1.25]
    assert curve.exposure.tolist() == [0.0, 0.5, 0.0, 0.5, 0.0]
    assert curve.start_ms == 0


def test_no_simulation_has_no_equity() -> None:
    with pytest.raises(NotEnoughHistory, match="no symbol was simulated"):
        equity_curve([])


def test_drawdown_counts_from_the_highest_equity_and_at_least_from_the_capital() -> None:
    drawdown = curve_of([1, 2, 3, 4], [0.9, 1.2, 0.6, 1.5]).drawdown
    assert drawdown.tolist() == pytest.approx([0.1, 0.0, 0.5, 0.0])


def test_a_close_at_midnight_belongs_to_the_day_that_it_ends() -> None:
    days, returns = day_returns(curve_of([12, 24, 36, 48], [1.5, 2.0, 9.0, 3.0]))
    assert days.tolist() == [0, DAY_MS]
    assert returns.tolist() == [1.0, 0.5]


def test_a_day_without_a_close_earns_nothing() -> None:
    days, returns = day_returns(curve_of([24, 96], [2.0, 3.0]))
    assert len(days) == 4
    assert returns.tolist() == [1.0, 0.0, 0.0, 0.5]


def test_days_after_the_capital_is_gone_earn_nothing() -> None:
    assert day_returns(curve_of([24, 48, 72], [0.5, -0.5, -0.5]))[1].tolist() == [-0.5, -2.0, 0.0]


@given(st.integers(0, 1_000), st.integers(2, 60))
def test_days_and_months_compound_to_the_profit(seed: int, count: int) -> None:
    curve = equity_curve([simulate(random_ticks(seed, count, 2), FREE)])
    assert np.prod(1 + day_returns(curve)[1]) == pytest.approx(curve.equity[-1])
    assert np.prod([1 + each for each in month_returns(curve).values()]) == pytest.approx(curve.equity[-1])


def test_months_are_named_and_earn_what_their_days_do() -> None:
    january_ends = 31 * 24
    curve = curve_of([january_ends - 24, january_ends, january_ends + 24], [1.5, 2.0, 3.0], january_ends - 48)
    assert month_returns(curve) == pytest.approx({"1970-01": 1.0, "1970-02": 0.5})
