"""The fast slice of the gate's operating characteristics: sample sizes stand beside each life.

A gate that just meets its demand would miss a test's limit, which is the binomial law's, in 1 of 1,000 sets of seeds.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks import gate_years as years
from benchmarks.gate_adversary import attacked, one_bit, rounded
from benchmarks.gate_elsewhere import QUESTIONS, ledger_life
from benchmarks.gate_market import MEAN_OF_ABSOLUTE_T5, MOVE, Market, simulate
from benchmarks.gate_ridge import refitted_daily


def happened(life: years.Life, lives: int) -> int:
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(life, (np.random.default_rng([7, run]) for run in range(lives))))


@pytest.mark.parametrize(
    ("life", "lives"),
    [
        (years.refitted_noise(1), 100),
        (years.refitted_noise(24), 60),
        (years.refitted_noise(1, Market(skew=0.7)), 60),
        (years.refitted_noise(1, Market(symbols=10, correlation=0.6)), 20),
        (years.always_long, 60),
        (years.one_lockbox, 4),
        (attacked(one_bit), 4),
    ],
)
def test_recipes_that_know_nothing_are_seldom_licensed(life: years.Life, lives: int) -> None:
    assert happened(life, lives) <= binom.ppf(0.999, lives, 0.01)


def test_a_signal_of_twenty_is_licensed_four_times_of_five() -> None:
    assert happened(years.known_signal(0.002, 20.0), 80) >= binom.ppf(0.001, 80, 0.8)


def test_a_signal_that_has_to_be_learnt_is_licensed() -> None:
    assert happened(years.learnt_signal(0.002, 0.07), 40) >= binom.ppf(0.001, 40, 0.9)


def test_a_lockbox_that_told_a_rounded_skill_would_be_beaten() -> None:
    assert happened(attacked(rounded(0.01)), 3) == 3


def test_a_ledger_keeps_its_budget_and_a_forged_one_is_found() -> None:
    assert QUESTIONS >= 30
    assert all(ledger_life(np.random.default_rng([7, run])) == (1.0,) for run in range(12))


def test_a_healthy_model_is_seldom_demoted() -> None:
    assert happened(years.demoted(0.05, 8_760), 60) <= binom.ppf(0.999, 60, 0.01)


def test_a_harmful_model_is_found() -> None:
    assert happened(years.demoted(-0.2, 1_000), 60) >= binom.ppf(0.001, 60, 0.95)


def test_a_market_is_as_it_says() -> None:
    market = Market(symbols=2, correlation=0.6, skew=0.7, skill=0.1)
    returns, signal = simulate(market, 200_000, np.random.default_rng(1))
    assert returns.std() == pytest.approx(MOVE, rel=0.1)
    assert abs(returns.mean()) < 4 * MOVE / math.sqrt(200_000)
    assert np.corrcoef(returns.T)[0, 1] == pytest.approx(0.6 * (1 - 0.1**2), abs=0.06)
    assert np.corrcoef(returns[1:, 0], signal[:-1, 0])[0, 1] == pytest.approx(0.1, abs=0.02)


def test_the_mean_size_of_a_shock_is_that_of_student() -> None:
    draws = np.random.default_rng(2).standard_t(5, 1_000_000)
    assert np.abs(draws).mean() == pytest.approx(MEAN_OF_ABSOLUTE_T5 * math.sqrt(5 / 3), rel=0.005)


@pytest.mark.parametrize("horizon_bars", [1, 24])
def test_the_ridge_does_not_know_what_comes(horizon_bars: int) -> None:
    rng = np.random.default_rng(3)
    features, returns = rng.normal(size=(1_000, 1, 5)), rng.normal(size=(1_000, 1))
    changed = returns.copy()
    changed[800:] = 50.0
    before, after = (refitted_daily(features, each, horizon_bars) for each in (returns, changed))
    assert np.array_equal(before[:800], after[:800], equal_nan=True)
    assert np.isfinite(before[504:]).all()
