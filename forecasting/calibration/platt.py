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

    probability = 1 / (1 + exp(-(intercept + slope x score / scale))). The slope is never negative: a
    forecast that pointed the wrong way is disregarded, not turned around. Slope and intercept pay a ridge
    penalty for their distance from zero and from the long-run base rate, so without information the answer
    is that rate.

    Parameters
    ----------
    ridge
        Penalty ridge / 2 x squared distance on the log likelihood. The default of 100 is a prior slope of
        about 0.1, what an information coefficient of a few hundredths gives, and a base rate that is known
        to some 2.5 points: 400 independent rows move the answer half-way.

    Attributes
    ----------
    intercept_, slope_
        Fitted log odds at zero score and per `scale_` of score.
    scale_
        Root mean square of the score on the rows fitted, a fraction of return; 0 when there was none.

    References
    ----------
    Platt (1999), Probabilistic Outputs for Support Vector Machines: the line; the normal prior on it is ours.

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
        ridge, centre = self.ridge * repeats, math.log(base_rate / (1 - base_rate))
        self.intercept_, self.slope_ = _fit_line(score / (scale or 1.0), happened, ridge, centre)
        self.scale_ = scale
        return self

    def probability(self, score: FloatArray) -> FloatArray:
        """Probability of the outcome, shape (n,), in [0, 1]."""
        if self.scale_ == 0 or self.slope_ == 0:
            return np.full(len(score), _logistic(self.intercept_))
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


def _fit_line(x: FloatArray, happened: BoolArray, ridge: float, centre: float) -> tuple[float, float]:
    """Intercept and slope of least penalised log loss; where the best slope is negative, it is held at 0."""
    loss = _Loss(np.column_stack([np.ones(len(x)), x]), happened.astype(np.float64), ridge, centre)
    intercept, slope = loss.minimise()
    if slope > 0:
        return intercept, slope
    flat = _Loss(np.ones((len(x), 1)), loss.target, ridge, centre)
    return flat.minimise()[0], 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Loss:
    """Log loss of a line plus the ridge on its distance from (centre, 0)."""

    columns: FloatArray
    target: FloatArray
    ridge: float
    centre: float

    def minimise(self) -> list[float]:
        """Newton's method from the prior; the loss is strictly convex, so there is one minimum."""
        start = np.zeros(self.columns.shape[1])
        start[0] = self.centre
        line = start.copy()
        for _ in range(MAX_STEPS):
            step = self._newton_step(line, line - start)
            if float(np.abs(step).max()) < TOLERANCE:
                break
            # A full step may overshoot.
            while self._value(line + step, line + step - start) > self._value(line, line - start):
                step = step / 2
            line = line + step
        return [float(each) for each in line]

    def _newton_step(self, line: FloatArray, moved: FloatArray) -> FloatArray:
        p = 0.5 * (1 + np.tanh(self._log_odds(line) / 2))
        gradient = np.sum(self.columns * (self.target - p)[:, None], axis=0) - self.ridge * moved
        weighted = self.columns * (p * (1 - p))[:, None]
        # Not a matrix product: threads of a linear algebra library add in an order of their own.
        curvature = np.sum(weighted[:, :, None] * self.columns[:, None, :], axis=0)
        return _solve(curvature + self.ridge * np.eye(len(line)), gradient)

    def _value(self, line: FloatArray, moved: FloatArray) -> float:
        log_odds = self._log_odds(line)
        fit = np.sum(np.logaddexp(0, log_odds) - self.target * log_odds)
        return float(fit + self.ridge / 2 * np.sum(np.square(moved)))

    def _log_odds(self, line: FloatArray) -> FloatArray:
        log_odds: FloatArray = np.sum(self.columns * line, axis=1)
        return log_odds


def _solve(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Solve one or two linear equations; a linear algebra library rounds them as its processor's kernel does."""
    if len(right) == 1:
        return np.array([float(right[0]) / float(matrix[0, 0])])
    (a, b), (c, d) = matrix.tolist()
    e, f = right.tolist()
    determinant = a * d - b * c
    return np.array([(e * d - b * f) / determinant, (a * f - e * c) / determinant])


def _logistic(log_odds: float) -> float:
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)
