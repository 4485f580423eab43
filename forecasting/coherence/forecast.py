"""A coarse forecast and its steps, as they were given and as they agree.

First the forecasts are reconciled, those of steps that have passed among them, then facts replace forecasts. The other
order, a passed step as a forecast without error, would take every surprise of the morning for an error of the
coarse forecast and ask the afternoon to win part of it back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np

from forecasting.coherence.reconciliation import reconcile
from forecasting.coherence.steps import PassedSteps, StepSpan
from forecasting.types import FloatArray

# Prices that stood still leave no error, and their return is still not known in advance.
LEAST_RMSE = 1e-6


class StepSource(StrEnum):
    """Where the reconciled return of a step comes from."""

    REALISED = "realised"
    SPREAD = "spread"
    FORECAST = "forecast"
    NAIVE = "naive"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A forecast return and how wrong such forecasts were.

    Attributes
    ----------
    pred_return
        Expected simple return, a fraction above -1.
    rmse
        Root mean squared error of such forecasts, a fraction.

    Raises
    ------
    ValueError
        The return is -100 % or less, or either is not a finite number.
    """

    pred_return: float
    rmse: float

    def __post_init__(self) -> None:
        if not (-1 < self.pred_return < math.inf and 0 <= self.rmse < math.inf):
            raise ValueError(
                f"a forecast return of {self.pred_return} with an error of {self.rmse} was given: a finite return "
                "above -1 and a finite error of 0 or more are needed"
            )

    @classmethod
    def of_mean(cls, returns: FloatArray) -> Self:
        """Build from past returns, shape (n,): their mean, and their distance from it."""
        return cls(float(np.mean(returns)), float(np.std(returns)))

    @property
    def log_growth(self) -> float:
        """Logarithm of one plus the expected return.

        Expected growth of independent steps multiplies, so these add up and need no correction for convexity.
        """
        return math.log1p(self.pred_return)

    @property
    def variance(self) -> float:
        """Error variance that reconciliation weighs it by."""
        return max(self.rmse, LEAST_RMSE) ** 2


@dataclass(frozen=True, slots=True, eq=False)
class CoherentForecast:
    """Both sides of a reconciliation; all returns are simple ones, fractions.

    Attributes
    ----------
    span
        The steps.
    base_total, total
        Return of the span: as the coarse horizon forecasts it, and as it agrees with the steps.
    base_steps
        Shape (n,): what the finer horizon forecast for each step, for one that has passed too.
    steps
        Shape (n,): realised where a step has passed, reconciled where not. Compounded they are `total`, to the
        last few bits; `base_steps` are not `base_total`.
    sources
        Shape (n,): where each of `steps` comes from.
    """

    span: StepSpan
    base_total: float
    total: float
    base_steps: FloatArray
    steps: FloatArray
    sources: tuple[StepSource, ...]

    @property
    def passed(self) -> int:
        """How many steps have passed."""
        return sum(source in (StepSource.REALISED, StepSource.SPREAD) for source in self.sources)


def coherent_forecast(
    span: StepSpan,
    coarse: Estimate,
    naive: Estimate,
    passed: PassedSteps,
    upcoming: Estimate | None = None,
) -> CoherentForecast:
    """Reconcile a coarse forecast with its steps.

    Parameters
    ----------
    span
        The coarse forecast's label span.
    coarse
        Forecast of the whole span, made at its start.
    naive
        What the finer horizon says of a step of which nothing special is known: its mean, as of the span's start.
    passed
        What has become of the first steps.
    upcoming
        The finer horizon's forecast of the first step that has not passed, made at its start; None where there is
        none, then naive stands there too.
    """
    base = np.full(span.steps, naive.log_growth)
    variances = np.full(span.steps, naive.variance)
    sources = [StepSource.SPREAD if spread else StepSource.REALISED for spread in passed.spread]
    sources += [StepSource.NAIVE] * (span.steps - len(passed))
    if upcoming is not None and len(passed) < span.steps:
        base[len(passed)] = upcoming.log_growth
        variances[len(passed)] = upcoming.variance
        sources[len(passed)] = StepSource.FORECAST
    agreed = reconcile(coarse.log_growth, base, coarse.variance, variances).parts
    agreed[: len(passed)] = passed.log_returns
    return CoherentForecast(
        span=span,
        base_total=coarse.pred_return,
        total=math.expm1(math.fsum(agreed)),
        base_steps=np.expm1(base),
        steps=np.expm1(agreed),
        sources=tuple(sources),
    )


def compounded(returns: FloatArray) -> float:
    """Return of holding through all of some steps, shape (n,); 0.0 for none.

    Examples
    --------
    >>> round(compounded(np.array([0.1, -0.1])), 12)
    -0.01
    """
    return math.expm1(math.fsum(np.log1p(returns)))
