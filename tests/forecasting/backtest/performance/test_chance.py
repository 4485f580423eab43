"""Intervals by the bootstrap of days."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from forecasting.backtest.performance import EquityCurve, chance_figures, chance_of_difference, day_returns
from forecasting.backtest.performance.figures import sharpe, sortino, yearly_volatility
from forecasting.errors import NotEnoughHistory
from forecasting.types import DAY_MS, HOUR_MS, FloatArray


def days_of(returns: FloatArray) -> EquityCurve:
    count = len(returns)
    return EquityCurve(0, DAY_MS * np.arange(1, count + 1), np.cumprod(1 + returns), np.ones(count))


def noise(seed: int, count: int = 250, mean: float = 0.0) -> FloatArray:
    return np.random.default_rng(seed).normal(mean, 0.02, count)


def test_the_values_are_those_of_the_run() -> None:
    returns = noise(1)
    chance = chance_figures(days_of(returns), HOUR_MS)
    assert chance.pnl.value == pytest.approx(np.prod(1 + returns) - 1)
    assert chance.volatility.value == pytest.approx(yearly_volatility(returns))
    assert chance.sharpe.value == pytest.approx(sharpe(returns))
    assert chance.sortino.value == pytest.approx(sortino(returns))
    assert (chance.days, chance.level) == (250, 0.9)


def test_an_interval_of_90_percent_holds_the_truth_in_about_as_many_runs() -> None:
    held = 0
    for seed in range(40):
        chance = chance_figures(days_of(noise(seed, 120)), HOUR_MS)
        held += chance.sharpe.low <= 0.0 <= chance.sharpe.high
    assert 31 <= held <= 40


def test_the_same_seed_gives_the_same_interval() -> None:
    curve = days_of(noise(1))
    assert chance_figures(curve, HOUR_MS) == chance_figures(curve, HOUR_MS)
    assert chance_figures(curve, HOUR_MS) != chance_figures(curve, HOUR_MS, random_state=8)


def test_blocks_are_twice_as_long_as_a_look_ahead_of_several_days() -> None:
    curve = days_of(noise(1))
    assert chance_figures(curve, HOUR_MS).block_days == 7
    assert chance_figures(curve, 7 * DAY_MS).block_days == 14


def test_too_few_days_are_told() -> None:
    with pytest.raises(NotEnoughHistory, match="19 days were simulated: 20 are needed"):
        chance_figures(days_of(noise(1, 19)), HOUR_MS)


def test_a_strategy_against_itself_has_no_difference() -> None:
    curve = days_of(noise(1))
    chance = chance_of_difference(curve, curve, HOUR_MS)
    assert (chance.pnl.value, chance.pnl.low, chance.pnl.high) == (0.0, 0.0, 0.0)


def test_days_are_shared_so_luck_that_both_had_cancels_out() -> None:
    returns = noise(1)
    better = days_of(returns + 0.0005)
    difference = chance_of_difference(better, days_of(returns), HOUR_MS)
    assert difference.pnl.low > 0
    assert difference.sharpe.low > 0
    alone = chance_figures(better, HOUR_MS)
    assert difference.sharpe.high - difference.sharpe.low < 0.2 * (alone.sharpe.high - alone.sharpe.low)


def test_a_flat_baseline_leaves_the_figures_of_the_strategy() -> None:
    curve = days_of(noise(1))
    difference = chance_of_difference(curve, days_of(np.zeros(250)), HOUR_MS)
    alone = chance_figures(curve, HOUR_MS)
    for name in ("pnl", "volatility", "sharpe", "sortino"):
        assert astuple(getattr(difference, name)) == pytest.approx(astuple(getattr(alone, name)))


def test_other_days_cannot_be_compared() -> None:
    with pytest.raises(NotEnoughHistory, match="250 and 249 days that are not the same"):
        chance_of_difference(days_of(noise(1)), days_of(noise(1, 249)), HOUR_MS)


def test_the_days_of_the_curve_are_its_returns() -> None:
    returns = noise(4)
    np.testing.assert_allclose(day_returns(days_of(returns))[1], returns)
