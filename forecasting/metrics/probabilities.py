"""Scores of probabilities of an event that happened or did not."""

from __future__ import annotations

import math

import numpy as np

from forecasting.metrics.columns import demand_rows
from forecasting.types import FloatArray


def brier(outcome: FloatArray, probability: FloatArray) -> float:
    """Mean squared error of probabilities, in [0, 1]; a constant one half scores 0.25.

    Parameters
    ----------
    outcome
        Shape (n,): 1 where it happened, 0 where it did not.
    probability
        Shape (n,): probability given beforehand, in [0, 1].

    References
    ----------
    Brier (1950), Verification of Forecasts Expressed in Terms of Probability, Monthly Weather Review 78(1).
    """
    demand_rows(outcome=outcome, probability=probability)
    return float(np.mean(np.square(probability - outcome)))


def log_loss(outcome: FloatArray, probability: FloatArray) -> float:
    """Mean negative logarithm of the probability that was given to what happened, in nats; a coin scores 0.693.

    One certainty that turns out wrong makes it infinite: nothing is clipped, so that it cannot hide.

    Parameters
    ----------
    outcome, probability
        Shape (n,), as for `brier`.

    References
    ----------
    Good (1952), Rational Decisions, Journal of the Royal Statistical Society B 14(1).

    Examples
    --------
    >>> log_loss(np.array([1.0, 0.0]), np.array([0.5, 0.5])).__round__(6)
    0.693147
    """
    demand_rows(outcome=outcome, probability=probability)
    given = np.where(outcome == 1, probability, 1 - probability)
    with np.errstate(divide="ignore"):
        return float(-np.mean(np.log(given)))


def auc(outcome: FloatArray, probability: FloatArray) -> float:
    """Chance that a row where it happened had the higher probability than one where it did not, ties half.

    Returns
    -------
    float
        In [0, 1], 0.5 for probabilities that tell nothing; NaN when all rows had the same outcome.

    References
    ----------
    Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic curve,
    Radiology 143(1).
    """
    demand_rows(outcome=outcome, probability=probability)
    from scipy.stats import rankdata

    happened = outcome == 1
    pairs = int(happened.sum()) * int((~happened).sum())
    if not pairs:
        return math.nan
    ranks = float(rankdata(probability)[happened].sum())
    count = int(happened.sum())
    return (ranks - count * (count + 1) / 2) / pairs
