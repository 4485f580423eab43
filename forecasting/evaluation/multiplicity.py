"""What is left of a strategy's Sharpe ratio once all that was tried is counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.inference import deflated_sharpe_by_count, overfitting_probability_of_losses
from forecasting.search import Search, Trial
from forecasting.types import FloatArray


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """How many trials a judged version is one of, and what that leaves of its figures.

    Attributes
    ----------
    trials
        All versions of the model that were registered by then, and all trials of their searches.
    deflated_sharpe
        Chance, in [0, 1], that the true Sharpe ratio of the strategy on the judged rows is above what the best of so
        many trials without skill shows; None where it has no Sharpe ratio: it never traded, or
        a forecast is not finite.
    pbo
        How often the settings that a search found best in one half of its blocks of time are below the median of all it
        tried in the other half, in [0, 1]: the largest over the members searched. None without a search, or where the
        rows are too few for blocks.
    sentence
        The same for people.
    """

    trials: int
    deflated_sharpe: float | None
    pbo: float | None
    sentence: str


def judge_multiplicity(returns: FloatArray, trials: int, search: Search) -> Multiplicity:
    """Deflate the judged strategy by all trials, and ask how overfitted the version's own search is.

    Parameters
    ----------
    returns
        Shape (n,): returns of the strategy on the judged rows, periods that do not overlap, fractions.
    trials
        All trials of the model, at least 1: this one.
    search
        The version's own.
    """
    # Who never trades has no Sharpe ratio, and neither has one return.
    traded = len(returns) > 1 and bool(np.isfinite(returns).all()) and bool(np.ptp(returns))
    deflated = deflated_sharpe_by_count(returns, trials).probability if traded else None
    pbo = _largest_overfitting(search)
    return Multiplicity(trials, deflated, pbo, _sentence(trials, deflated, len(returns), pbo))


def _largest_overfitting(search: Search) -> float | None:
    found = [
        overfitting_probability_of_losses(losses)
        for choice in search.choices
        if (losses := _block_losses(search.trials_of(choice.member))) is not None
    ]
    return max(found, default=None)


def _block_losses(trials: tuple[Trial, ...]) -> FloatArray | None:
    """Shape (blocks, trials): of the trials that have losses; None where none or one has."""
    columns = [trial.block_losses for trial in trials if trial.block_losses]
    return np.array(columns).T if len(columns) > 1 else None


def _sentence(trials: int, deflated: float | None, periods: int, pbo: float | None) -> str:
    count = "the first trial of this model" if trials == 1 else f"one of {trials} trials of this model"
    hurdle = "zero" if trials == 1 else f"what the best of {trials} without skill shows"
    sharpe = (
        "it has no Sharpe ratio, for it never traded or a forecast is not finite"
        if deflated is None
        else f"its Sharpe ratio after costs over {periods} periods is above {hurdle} with a probability {_chance(deflated)}"
    )
    overfitted = (
        ""
        if pbo is None
        else f"; settings found best in half of the search's time were below the median in the other half {pbo:.0%} of the time"
    )
    return f"This is {count}: {sharpe}{overfitted}."


def _chance(probability: float) -> str:
    """Word a chance that is never quite none and never quite certain."""
    if probability < 0.01:
        return "below 0.01"
    return "above 0.99" if probability > 0.99 else f"of {probability:.2f}"
