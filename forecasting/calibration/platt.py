"""Platt's calibration: a logistic line, drawn toward the base rate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from forecasting.calibration.contract import validate_outcomes
from forecasting.types import BoolArray, FloatArray

MAX_STEPS = 100
TOLERANCE = 1e-12


class Calibrator:
    """Logistic probability of an outcome that a forecast above the naive one makes likelier.

    probability = 1 / (1 + exp(-(intercept + slope x score / scale))). The intercept is the log odds of the base rate:
    the training rows know it better than the eight times fewer rows that calibrate. The slope is never negative: a
    forecast that pointed the wrong way is disregarded, not turned around. It pays a ridge penalty for its distance
    from zero, so without information the answer is the base rate.

    Parameters
    ----------
    ridge
        Penalty ridge / 2 x squared slope on the log likelihood. The default of 100 is a prior slope of about 0.1,
        what an information coefficient of a few hundredths gives: 400 independent rows move the slope half-way.

    Attributes
    ----------
    intercept_, slope_
        Log odds at score zero, and fitted log odds per `scale_` of score.
    scale_
        Root mean square of the score on the rows fitted, a fraction of return; 0 when there was none.

    References
    ----------
    Platt (1999), Probabilistic Outputs for Support Vector Machines: the line; the held intercept and the normal prior
    on the slope are ours.

    Examples
    --------
    >>> calibrator = Calibrator().fit(np.zeros(2), np.array([True, False]), base_rate=0.5)
    >>> calibrator.probability(np.array([0.02]))
    array([0.5])
    """

    kind: ClassVar[str] = "platt"

    def __init__(self, ridge: float = 100.0) -> None:
        self.ridge = ridge

    def fit(
        self, score: FloatArray, happened: BoolArray, *, base_rate: float, n_independent: float | None = None
    ) -> Self:
        """Fit to rows that the forecast was not fitted on.

        Parameters
        ----------
        score
            Shape (n,): distance of a forecast from the naive one, or another number that grows with it.
        happened
            Shape (n,): whether the outcome came, as in "the return was above 0".
        base_rate
            Share of rows in which the outcome comes, in (0, 1), known from a longer history: a few months
            hold only some labels of a week that do not overlap, and their own share would be mostly luck.
        n_independent
            Number of labels that do not overlap; None takes every row as one. Overlapping rows repeat the
            same news, so the penalty grows by n / n_independent.

        Raises
        ------
        ValueError
            Arrays of unequal length, a forecast that is not finite, a base rate outside (0, 1), or no
            positive number of independent labels.
        """
        validate_outcomes(score, happened, base_rate, n_independent)
        scale = _root_mean_square(score)
        repeats = 1.0 if n_independent is None else max(1.0, len(score) / n_independent)
        self.intercept_ = math.log(base_rate / (1 - base_rate))
        loss = _Loss(
            score / (scale or 1.0), happened.astype(np.float64), self.intercept_, self.ridge * repeats
        )
        self.slope_ = loss.minimise()
        self.scale_ = scale
        return self

    def probability(self, score: FloatArray) -> FloatArray:
        """Probability of the outcome, shape (n,), in [0, 1]."""
        if self.scale_ == 0 or self.slope_ == 0:
            return np.full(len(score), _logistic(self.intercept_))
        # A score that is endless times as large as those of the fit is as sure as can be.
        with np.errstate(over="ignore"):
            log_odds = self.intercept_ + self.slope_ * (score / self.scale_)
        # One at a time: vectorised exponentials may differ in the last bit with the length of the array.
        return np.array([_logistic(each) for each in log_odds.tolist()], dtype=np.float64)

    def to_document(self) -> dict[str, Any]:
        """JSON-like form of what was fitted."""
        return {
            "ridge": self.ridge,
            "intercept": self.intercept_,
            "slope": self.slope_,
            "scale": self.scale_,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`."""
        calibrator = cls(ridge=document["ridge"])
        calibrator.intercept_ = document["intercept"]
        calibrator.slope_ = document["slope"]
        calibrator.scale_ = document["scale"]
        return calibrator


def _root_mean_square(values: FloatArray) -> float:
    largest = float(np.abs(values).max(initial=0.0))
    return largest * math.sqrt(float(np.mean(np.square(values / largest)))) if largest > 0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Loss:
    """Log loss of the rows by the slope, plus the ridge on it."""

    x: FloatArray
    target: FloatArray
    intercept: float
    ridge: float

    def minimise(self) -> float:
        """Newton's method from zero; the loss is strictly convex, so there is one minimum, held at 0 or above."""
        slope = 0.0
        if self._descent(slope) <= 0:
            return slope
        for _ in range(MAX_STEPS):
            step = self._descent(slope) / self._curvature(slope)
            if abs(step) < TOLERANCE:
                break
            # A full step may overshoot.
            while self._value(slope + step) > self._value(slope):
                step /= 2
            slope += step
        return slope

    def _descent(self, slope: float) -> float:
        return float(np.sum(self.x * (self.target - self._p(slope)))) - self.ridge * slope

    def _curvature(self, slope: float) -> float:
        p = self._p(slope)
        return float(np.sum(np.square(self.x) * p * (1 - p))) + self.ridge

    def _value(self, slope: float) -> float:
        log_odds = self.intercept + slope * self.x
        return float(np.sum(np.logaddexp(0, log_odds) - self.target * log_odds)) + self.ridge / 2 * slope**2

    def _p(self, slope: float) -> FloatArray:
        return 0.5 * (1 + np.tanh((self.intercept + slope * self.x) / 2))


def _logistic(log_odds: float) -> float:
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)
