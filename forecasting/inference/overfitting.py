"""What is left of the best of many trials: deflated Sharpe ratio and probability of backtest overfitting.

Both ask for every trial that was made, also those that were thrown away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from forecasting.metrics.columns import demand_rows
from forecasting.types import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """How likely a Sharpe ratio is real, given how many were tried.

    Attributes
    ----------
    sharpe
        Of the chosen trial, per period, not annualised.
    hurdle
        Sharpe ratio that the best of so many trials without any skill is expected to show.
    probability
        Chance that the true Sharpe ratio is above the hurdle, in [0, 1].
    trials, periods
        Trials made, and periods of the chosen one.
    """

    sharpe: float
    hurdle: float
    probability: float
    trials: int
    periods: int


def sharpe_ratio(returns: FloatArray) -> float:
    """Mean over sample standard deviation, per period, not annualised.

    Raises
    ------
    ValueError
        Fewer than two returns, one that is missing, or all are equal.
    """
    demand_rows(returns=returns)
    if len(returns) < 2 or not np.ptp(returns):
        raise ValueError(
            f"{len(returns)} returns that do not differ have no Sharpe ratio: two that do are needed"
        )
    return float(returns.mean() / returns.std(ddof=1))


def deflated_sharpe(returns: FloatArray, trial_sharpes: FloatArray) -> DeflatedSharpe:
    """Deflate the Sharpe ratio of the chosen trial by the number and the spread of all trials.

    Parameters
    ----------
    returns
        Shape (n,): returns of the chosen trial, periods that do not overlap.
    trial_sharpes
        Shape (trials,): Sharpe ratios per period of ALL trials, the chosen one included. Leaving out those that
        failed is what this figure exists against.

    Raises
    ------
    ValueError
        A number is missing, or the returns do not differ.

    References
    ----------
    Bailey and Lopez de Prado (2014), The Deflated Sharpe Ratio, Journal of Portfolio Management 40(5).
    """
    demand_rows(trial_sharpes=trial_sharpes)
    trials = len(trial_sharpes)
    return _deflated(returns, trials, float(np.std(trial_sharpes, ddof=1)) if trials > 1 else 0.0)


def deflated_sharpe_by_count(returns: FloatArray, trials: int) -> DeflatedSharpe:
    """Deflate a Sharpe ratio by the number of trials alone, where the Sharpe ratios of the others are not known.

    Trials are taken for independent and without skill, so their Sharpe ratios spread by 1 / sqrt(n - 1). Trials that are
    alike spread less, and the hurdle is then too high rather than too low.

    Parameters
    ----------
    returns
        Shape (n,): returns of the chosen trial, periods that do not overlap.
    trials
        ALL trials that were made, the chosen one included.

    Raises
    ------
    ValueError
        A number is missing, the returns do not differ, or there is no trial.

    References
    ----------
    Bailey and Lopez de Prado (2014), The Deflated Sharpe Ratio, Journal of Portfolio Management 40(5).
    """
    if trials < 1:
        raise ValueError(f"{trials} trials were given: at least the chosen one is needed")
    return _deflated(returns, trials, 1 / math.sqrt(max(1, len(returns) - 1)))


def _deflated(returns: FloatArray, trials: int, spread: float) -> DeflatedSharpe:
    from scipy.stats import kurtosis, norm, skew

    found, periods = sharpe_ratio(returns), len(returns)
    hurdle = spread * expected_largest(trials)
    tail = (float(kurtosis(returns, fisher=False)) - 1) / 4
    # Never below zero but by rounding: a kurtosis is at least the squared skewness and one.
    noise = max(1e-12, 1 - float(skew(returns)) * found + tail * found**2)
    probability = float(norm.cdf((found - hurdle) * math.sqrt((periods - 1) / noise)))
    return DeflatedSharpe(found, hurdle, probability, trials, periods)


def expected_largest(trials: int) -> float:
    """Give the expected largest of so many independent standard normal numbers, approximately; 0 for one.

    Examples
    --------
    >>> expected_largest(100).__round__(2)
    2.53
    """
    if trials < 2:
        return 0.0
    from scipy.stats import norm

    euler = float(np.euler_gamma)
    first, second = norm.ppf(1 - 1 / trials), norm.ppf(1 - 1 / (trials * math.e))
    return float((1 - euler) * first + euler * second)


def overfitting_probability(returns: FloatArray, blocks: int = 16) -> float:
    """How often the best trial of one half of the blocks is below the median of all trials in the other half.

    Parameters
    ----------
    returns
        Shape (n, trials): returns of ALL trials over the same periods, oldest first. Periods that do not overlap, or
        a label reaches from one half into the other.
    blocks
        Even number of blocks of periods; all halves of them are tried.

    Returns
    -------
    float
        In [0, 1]; about one half where no trial is better than another.

    References
    ----------
    Bailey, Borwein, Lopez de Prado and Zhu (2017), The probability of backtest overfitting, Journal of Computational
    Finance 20(4).
    """
    demand_rows(returns=returns)
    if returns.ndim != 2 or returns.shape[1] < 2:
        raise ValueError(f"returns of shape {returns.shape} were given: two trials or more are needed")
    if blocks < 2 or blocks % 2 or len(returns) < 2 * blocks:
        raise ValueError(
            f"{len(returns)} periods cannot be cut into {blocks} blocks: an even number of two periods or more is needed"
        )
    chosen = _halves(blocks)
    return _share_below_median(_sharpes(returns, chosen), _sharpes(returns, ~chosen))


def overfitting_probability_of_losses(losses: FloatArray) -> float:
    """How often the trial of the smallest loss in one half of the blocks is worse than the median in the other half.

    As `overfitting_probability`, for trials that are chosen by their mean loss.

    Parameters
    ----------
    losses
        Shape (blocks, trials): mean losses of ALL trials in the same blocks, an even number of them, equally long.

    Returns
    -------
    float
        In [0, 1]; about one half where no trial is better than another.
    """
    demand_rows(losses=losses)
    if losses.ndim != 2 or losses.shape[1] < 2 or len(losses) < 2 or len(losses) % 2:
        raise ValueError(
            f"losses of shape {losses.shape} were given: an even number of blocks and two trials or more are needed"
        )
    chosen = _halves(len(losses))
    inside, outside = (-half.astype(np.float64) @ losses for half in (chosen, ~chosen))
    return _share_below_median(inside, outside)


def _share_below_median(inside: FloatArray, outside: FloatArray) -> float:
    """Share of choices, shape (choices, trials) each, whose best trial inside is below the median outside."""
    from scipy.stats import rankdata

    best = np.argmax(inside, axis=1)
    ranks = rankdata(outside, axis=1)[np.arange(len(best)), best]
    return float(np.mean(ranks / (inside.shape[1] + 1) < 0.5))


def _halves(blocks: int) -> BoolArray:
    """Every choice of half of the blocks, shape (choices, blocks)."""
    choices = list(combinations(range(blocks), blocks // 2))
    chosen = np.zeros((len(choices), blocks), dtype=np.bool_)
    chosen[np.arange(len(choices))[:, None], np.array(choices)] = True
    return chosen


def _sharpes(returns: FloatArray, chosen: BoolArray) -> FloatArray:
    """Sharpe ratios of each trial in each choice of blocks, shape (choices, trials), from sums of blocks."""
    parts = np.array_split(returns, chosen.shape[1])
    weights = chosen.astype(np.float64)
    counts = weights @ np.array([len(part) for part in parts], dtype=np.float64)
    sums = weights @ np.array([part.sum(axis=0) for part in parts])
    squares = weights @ np.array([np.square(part).sum(axis=0) for part in parts])
    means = sums / counts[:, None]
    variances = (squares - counts[:, None] * np.square(means)) / (counts[:, None] - 1)
    # A trial that never moves says nothing; rounding leaves it a trace of variance.
    moves = variances > 1e-14 * squares / counts[:, None]
    ratios: FloatArray = np.where(moves, means / np.sqrt(np.where(moves, variances, 1.0)), 0.0)
    return ratios
