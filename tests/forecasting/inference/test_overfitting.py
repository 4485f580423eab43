"""Deflated Sharpe ratio and probability of backtest overfitting, held against purgedcv."""

from __future__ import annotations

import math

import numpy as np
import pytest
from purgedcv import deflated_sharpe_ratio, probability_of_backtest_overfitting

from forecasting.inference import (
    deflated_sharpe,
    deflated_sharpe_by_count,
    overfitting_probability,
    overfitting_probability_of_losses,
    sharpe_ratio,
)
from forecasting.inference.overfitting import expected_largest


def trials_of(seed: int, trials: int = 12, periods: int = 320, skilled: float = 0.0) -> np.ndarray:
    returns = 0.01 * np.random.default_rng(seed).standard_t(5, size=(periods, trials))
    returns[:, 0] += 0.01 * skilled
    return returns


@pytest.mark.parametrize("seed", range(5))
def test_the_deflated_sharpe_ratio_is_purgedcvs(seed: int) -> None:
    returns = trials_of(seed, periods=1_000, skilled=0.1)
    sharpes = np.array([sharpe_ratio(column) for column in returns.T])
    oracle = deflated_sharpe_ratio(returns[:, 0], 12, float(np.var(sharpes, ddof=1)))
    # The oracle takes the deviation and the moments with other divisors: n for n - 1, and the reverse.
    assert deflated_sharpe(returns[:, 0], sharpes).probability == pytest.approx(oracle, abs=2e-3)


@pytest.mark.parametrize("trials", [5, 12])
@pytest.mark.parametrize("blocks", [6, 10])
def test_the_overfitting_probability_is_purgedcvs(trials: int, blocks: int) -> None:
    returns = trials_of(trials, trials, periods=317)
    oracle = probability_of_backtest_overfitting(returns.T.copy(), blocks)
    assert overfitting_probability(returns, blocks) == pytest.approx(oracle.pbo)


def test_trials_that_never_move_win_nothing() -> None:
    returns = trials_of(3)
    returns[:, 4], returns[:, 5] = 0.0, 0.01
    oracle = probability_of_backtest_overfitting(returns.T.copy(), 8)
    assert overfitting_probability(returns, 8) == pytest.approx(oracle.pbo)


def test_the_best_of_many_trials_without_skill_is_overfitted_half_of_the_time() -> None:
    """40 samples of 20 trials: the mean was 0.50, its standard error is 3.5 points."""
    found = [overfitting_probability(trials_of(seed, 20), 8) for seed in range(40)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.14)


def test_a_trial_with_skill_is_not_overfitted() -> None:
    assert overfitting_probability(trials_of(1, skilled=0.3)) < 0.05


def test_the_best_of_a_hundred_trials_without_skill_has_a_probability_near_one_half() -> None:
    found = []
    for seed in range(60):
        returns = trials_of(seed, 100)
        sharpes = np.array([sharpe_ratio(column) for column in returns.T])
        found.append(deflated_sharpe(returns[:, int(np.argmax(sharpes))], sharpes).probability)
    assert 0.3 < np.mean(found) < 0.7
    assert np.mean(np.array(found) > 0.95) < 0.1


def test_hiding_trials_lowers_the_hurdle() -> None:
    sharpes = np.random.default_rng(2).normal(0, 0.05, size=100)
    returns = trials_of(2, skilled=0.1)[:, 0]
    told, hidden = deflated_sharpe(returns, sharpes), deflated_sharpe(returns, sharpes[:5])
    assert told.trials == 100
    assert hidden.hurdle < told.hurdle
    assert hidden.probability > told.probability


def test_one_trial_has_no_hurdle() -> None:
    returns = trials_of(2)[:, 0]
    assert deflated_sharpe(returns, np.array([sharpe_ratio(returns)])).hurdle == 0.0


@pytest.mark.parametrize("trials", [10, 100, 1_000])
def test_the_expected_largest_is_that_of_normal_draws(trials: int) -> None:
    draws = np.random.default_rng(1).standard_normal((4_000, trials)).max(axis=1)
    assert expected_largest(trials) == pytest.approx(draws.mean(), rel=0.03)


@pytest.mark.parametrize("returns", [np.ones(5), np.array([0.1])])
def test_returns_that_do_not_differ_have_no_sharpe_ratio(returns) -> None:
    with pytest.raises(ValueError, match="two that do are needed"):
        sharpe_ratio(returns)


def test_two_values_of_which_the_approximation_knows_no_noise_give_a_certainty() -> None:
    returns = np.append(np.full(90_000, 0.125), np.full(10_000, 1.125))
    assert deflated_sharpe(returns, np.array([0.1, 0.2])).probability == pytest.approx(1.0)


@pytest.mark.parametrize(("shape", "blocks"), [((40, 1), 4), ((40,), 4)])
def test_one_trial_cannot_be_overfitted(shape, blocks) -> None:
    with pytest.raises(ValueError, match="two trials or more"):
        overfitting_probability(np.random.default_rng(1).normal(size=shape), blocks)


@pytest.mark.parametrize("blocks", [0, 3, 22])
def test_blocks_that_have_no_halves_are_refused(blocks: int) -> None:
    with pytest.raises(ValueError, match="even number of two periods or more"):
        overfitting_probability(trials_of(1, periods=40), blocks)


def test_a_missing_return_refuses() -> None:
    broken = trials_of(1)
    broken[3, 2] = math.nan
    with pytest.raises(ValueError, match="returns is missing or infinite in 1 rows, first in row 3"):
        overfitting_probability(broken)


@pytest.mark.parametrize("trials", [2, 30])
def test_the_count_alone_gives_purgedcvs_figure_at_the_spread_of_chance(trials: int) -> None:
    returns = trials_of(2, periods=1_000, skilled=0.1)[:, 0]
    oracle = deflated_sharpe_ratio(returns, trials, 1 / (len(returns) - 1))
    assert deflated_sharpe_by_count(returns, trials).probability == pytest.approx(oracle, abs=2e-3)


def test_trials_without_skill_spread_as_the_count_alone_takes_for_granted() -> None:
    returns = trials_of(4, 200)
    sharpes = np.array([sharpe_ratio(column) for column in returns.T])
    told, counted = deflated_sharpe(returns[:, 0], sharpes), deflated_sharpe_by_count(returns[:, 0], 200)
    assert counted.hurdle == pytest.approx(told.hurdle, rel=0.15)


def test_more_trials_lower_the_probability() -> None:
    returns = trials_of(2, skilled=0.1)[:, 0]
    found = [deflated_sharpe_by_count(returns, trials).probability for trials in (1, 2, 10, 100)]
    assert found == sorted(found, reverse=True)
    assert deflated_sharpe_by_count(returns, 1).hurdle == 0.0


def test_no_trial_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least the chosen one is needed"):
        deflated_sharpe_by_count(trials_of(2)[:, 0], 0)


def test_the_smallest_of_many_equal_losses_is_overfitted_half_of_the_time() -> None:
    """60 samples of 20 trials, 10 blocks each: the mean was 0.47, its standard error is 2.7 points."""
    found = [
        overfitting_probability_of_losses(np.random.default_rng(seed).chisquare(8, size=(10, 20)))
        for seed in range(60)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.14)


def test_a_trial_whose_loss_is_always_the_smallest_is_not_overfitted() -> None:
    losses = np.random.default_rng(1).chisquare(8, size=(10, 20))
    losses[:, 3] = 0.1
    assert overfitting_probability_of_losses(losses) == 0.0


@pytest.mark.parametrize("shape", [(8, 1), (7, 3), (8,)])
def test_losses_without_halves_or_rivals_are_refused(shape) -> None:
    with pytest.raises(ValueError, match="even number of blocks and two trials or more"):
        overfitting_probability_of_losses(np.ones(shape))
