"""CORP: what of a Brier score is a wrong level, what is knowledge, and what nobody could have known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.metrics.probabilities import brier
from forecasting.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Corp:
    """A Brier score taken apart: ``brier = miscalibration - discrimination + uncertainty``.

    Attributes
    ----------
    brier
        Of the probabilities as given.
    miscalibration
        What the best increasing recalibration would take off, 0 or more. It is fitted on the scored rows, so
        a perfect forecaster shows a little of it too: it shrinks as rows grow.
    discrimination
        How far the recalibrated probabilities beat the constant base rate, 0 or more.
    uncertainty
        Brier score of the base rate of the scored rows.
    probability
        Shape (m,): the different probabilities that were given, ascending: the x of a reliability diagram.
    recalibrated
        Shape (m,): how often it happened, pooled so that it never falls: its y.
    rows
        Shape (m,): rows with that probability.
    """

    brier: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    probability: FloatArray
    recalibrated: FloatArray
    rows: IntArray

    @property
    def skill(self) -> float:
        """Brier skill against the base rate of the scored rows; NaN where that is never wrong."""
        gained = self.discrimination - self.miscalibration
        return gained / self.uncertainty if self.uncertainty > 0 else float("nan")


def corp(outcome: FloatArray, probability: FloatArray) -> Corp:
    """Take a Brier score apart by isotonic regression (pool adjacent violators); no bins to choose.

    Parameters
    ----------
    outcome, probability
        Shape (n,), as for `brier`.

    References
    ----------
    Dimitriadis, Gneiting and Jordan (2021), Stable reliability diagrams for probabilistic classifiers,
    PNAS 118(8).

    Examples
    --------
    >>> found = corp(np.array([0.0, 1.0, 1.0, 1.0]), np.array([0.2, 0.2, 0.6, 0.6]))
    >>> found.recalibrated.tolist(), found.rows.tolist()
    ([0.5, 1.0], [2, 2])
    """
    from scipy.optimize import isotonic_regression

    score = brier(outcome, probability)
    given, place, rows = np.unique(probability, return_inverse=True, return_counts=True)
    happened = np.bincount(place, weights=outcome)
    recalibrated = isotonic_regression(happened / rows, weights=rows).x
    best = brier(outcome, recalibrated[place])
    base_rate = brier(outcome, np.full(len(outcome), outcome.mean()))
    return Corp(score, score - best, base_rate - best, base_rate, given, recalibrated, rows)
