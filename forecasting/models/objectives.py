"""What LightGBM's trees are grown for: the loss, the best answer without trees, and what that answer costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from forecasting.types import FloatArray


class Objective(Protocol):
    """One loss, as LightGBM and we call it.

    Attributes
    ----------
    metric
        LightGBM's name of the loss on rows held back.
    shifts
        Whether labels come with the constant taken off; otherwise it is the score that boosting starts from.
    """

    @property
    def metric(self) -> str:
        """LightGBM's name of the loss on rows held back."""
        ...

    @property
    def shifts(self) -> bool:
        """Whether labels come with the constant taken off; otherwise boosting starts from it."""
        ...

    def parameters(self) -> Mapping[str, Any]:
        """Parameters of LightGBM."""
        ...

    def constant(self, y: FloatArray, weights: FloatArray | None) -> float:
        """Best answer that is the same for all rows, in units of the trees' answers."""
        ...

    def losses(self, y: FloatArray, constant: float) -> FloatArray:
        """Loss of that answer on each row, shape (n,), as LightGBM measures it."""
        ...


@dataclass(frozen=True, slots=True)
class SquaredError:
    """(y - f)^2; the constant is the mean."""

    metric = "l2"
    shifts = True

    def parameters(self) -> Mapping[str, Any]:
        """Parameters of LightGBM."""
        return {"objective": "regression", "metric": self.metric}

    def constant(self, y: FloatArray, weights: FloatArray | None) -> float:
        """Mean label."""
        return float(np.average(y, weights=weights))

    def losses(self, y: FloatArray, constant: float) -> FloatArray:
        """Squared distance of each label from the constant."""
        return np.square(y - constant)


@dataclass(frozen=True, slots=True)
class Huber:
    """d^2 / 2 for |d| = |y - f| up to `delta`, delta (|d| - delta / 2) beyond; the constant is the mean.

    References
    ----------
    Huber (1964), Robust Estimation of a Location Parameter, Annals of Mathematical Statistics 35(1).
    """

    delta: float

    metric = "huber"
    shifts = True

    def parameters(self) -> Mapping[str, Any]:
        """Parameters of LightGBM."""
        return {"objective": "huber", "metric": self.metric, "alpha": self.delta}

    def constant(self, y: FloatArray, weights: FloatArray | None) -> float:
        """Mean label: forecasts are of the expected return, and only the trees' shape is robust."""
        return float(np.average(y, weights=weights))

    def losses(self, y: FloatArray, constant: float) -> FloatArray:
        """Huber loss of each label's distance from the constant."""
        distance = np.abs(y - constant)
        return np.where(
            distance <= self.delta, distance * distance / 2, self.delta * (distance - self.delta / 2)
        )


@dataclass(frozen=True, slots=True)
class Pinball:
    """`level` (y - f) above the forecast, (1 - level) (f - y) below; the constant is the quantile.

    References
    ----------
    Koenker & Bassett (1978), Regression Quantiles, Econometrica 46(1).
    """

    level: float

    metric = "quantile"
    shifts = True

    def parameters(self) -> Mapping[str, Any]:
        """Parameters of LightGBM."""
        return {"objective": "quantile", "metric": self.metric, "alpha": self.level}

    def constant(self, y: FloatArray, weights: FloatArray | None) -> float:
        """Smallest label up to which a share `level` of the rows, or of their weight, lies."""
        order = np.argsort(y, kind="stable")
        reached = np.cumsum(np.ones(len(y)) if weights is None else weights[order])
        return float(y[order][min(int(np.searchsorted(reached, self.level * reached[-1])), len(y) - 1)])

    def losses(self, y: FloatArray, constant: float) -> FloatArray:
        """Pinball loss of each label."""
        distance = y - constant
        return np.where(distance >= 0, self.level * distance, (self.level - 1) * distance)


@dataclass(frozen=True, slots=True)
class LogLoss:
    """-log of the probability given to what happened, y being 1 or 0; the constant is the log odds.

    One row of each kind is added to the counts, so that an outcome that never changed is not certain.
    """

    metric = "binary_logloss"
    shifts = False

    def parameters(self) -> Mapping[str, Any]:
        """Parameters of LightGBM."""
        return {"objective": "binary", "metric": self.metric}

    def constant(self, y: FloatArray, weights: FloatArray | None) -> float:
        """Log odds of the outcome."""
        share = (float(np.average(y, weights=weights)) * len(y) + 1) / (len(y) + 2)
        return float(np.log(share / (1 - share)))

    def losses(self, y: FloatArray, constant: float) -> FloatArray:
        """Log loss of each row."""
        losses: FloatArray = np.logaddexp(0, constant) - y * constant
        return losses
