"""Figures of a run against pandas and against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.backtest.engine import RuleNumbers, simulate
from forecasting.backtest.performance import day_returns, equity_curve, performance
from forecasting.backtest.performance.figures import (
    hit_rate,
    profit_factor,
    sharpe,
    sortino,
    yearly_growth,
    yearly_volatility,
)
from tests.forecasting.backtest.engine.markets import FREE, market, random_ticks, rules, ticks_of
from tests.forecasting.backtest.performance.test_curve import curve_of

RETURNS = np.array([0.01, -0.02, 0.03, 0.0, -0.01])


def test_ratios_are_of_a_year_of_365_days() -> None:
    days = pd.Series(RETURNS)
    assert yearly_volatility(RETURNS) == pytest.approx(days.std() * 365**0.5)
    assert sharpe(RETURNS) == pytest.approx(days.mean() / days.std() * 365**0.5)
    losses = (days.clip(upper=0) ** 2).mean() ** 0.5
    assert sortino(RETURNS) == pytest.approx(days.mean() / losses * 365**0.5)


def test_growth_compounds_over_a_year_of_365_days() -> None:
    assert yearly_growth(curve_of([365 * 24], [1.2])) == pytest.approx(0.2)
    assert yearly_growth(curve_of([730 * 24], [1.44])) == pytest.approx(0.2)
    assert yearly_growth(curve_of([24], [-0.1])) == -1.0
    assert math.isnan(yearly_growth(curve_of([1 / 60], [9.0])))


@pytest.mark.parametrize(
    "figure", [sharpe(np.zeros(9)), sharpe(np.ones(1)), sortino(np.ones(9)), hit_rate(np.empty(0))]
)
def test_a_ratio_to_nothing_is_unknown(figure: float) -> None:
    assert math.isnan(figure)


def test_hits_and_their_factor() -> None:
    assert hit_rate(np.array([1.0, -2.0, 0.0, 3.0])) == 0.5
    assert profit_factor(np.array([1.0, -2.0, 0.0, 3.0])) == 2.0
    assert math.isnan(profit_factor(np.array([1.0])))


def test_a_run_by_hand() -> None:
    # Buys a tenth at 10, sells it at 20, which earns 100 %; then shorts a tenth of it at 20 and covers at 25.
    prices = [10, 10, 20, 20, 25, 25]
    rule = RuleNumbers(0.05, 0.0, False, True, False, False, 0.0, 1.0, 0.0, 0.0, 0.01, 0.0, 0.0)
    none = float("nan")
    done = simulate(ticks_of(market(prices), [0.1, none, none, -0.1, none, none]), rule)
    bought = 0.1
    after = 1 - 0.01 + bought * 10 - 0.02
    sold = after / 25
    figures = performance([done])
    assert figures.trades == 2
    assert figures.cost_drag == pytest.approx(0.01 + 0.02 + sold * 25 * 0.01 * 2)
    assert figures.pnl == pytest.approx(figures.gross - figures.cost_drag)
    assert figures.gross == pytest.approx(1.0)
    assert figures.hit_rate == 0.5
    assert figures.turnover == pytest.approx(1.0 + 2.0 / 1.99 + 1.0 + sold * 25 / (after - sold * 25 * 0.01))
    assert figures.days == 1


@given(st.integers(0, 1_000), st.lists(st.integers(2, 60), min_size=1, max_size=3), rules())
@settings(max_examples=60, deadline=None)
def test_figures_agree_with_each_other(seed: int, counts: list[int], rule: RuleNumbers) -> None:
    done = [simulate(random_ticks(seed + count, count, 2), rule) for count in counts]
    figures, curve = performance(done), equity_curve(done)
    assert figures.pnl == pytest.approx(curve.equity[-1] - 1)
    assert figures.gross - figures.cost_drag == pytest.approx(figures.pnl)
    assert figures.gross == pytest.approx(np.mean([each.trades.gross.sum() for each in done]), abs=1e-12)
    assert figures.trades == sum(len(each.trades) for each in done)
    assert figures.days == len(day_returns(curve)[0])
    assert 0 <= figures.exposure <= 8
    assert figures.max_drawdown >= 0


def test_a_flat_run_earns_nothing_and_has_no_ratios() -> None:
    figures = performance([simulate(ticks_of(market([10] * 60), [0.0] * 60), FREE)])
    assert (figures.pnl, figures.cagr, figures.volatility, figures.max_drawdown) == (0.0, 0.0, 0.0, 0.0)
    assert (figures.turnover, figures.exposure, figures.trades) == (0.0, 0.0, 0)
    assert np.isnan([figures.sharpe, figures.sortino, figures.calmar, figures.hit_rate]).all()


def test_calmar_is_growth_over_the_largest_drawdown() -> None:
    figures = performance([simulate(random_ticks(8, 60, 2), FREE)])
    assert figures.calmar == pytest.approx(figures.cagr / figures.max_drawdown)
