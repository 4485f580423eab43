"""How far each member is trusted: its weight, and the share of its distance from naive that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forecasting.baselines.naive import Naive
from forecasting.ensemble.blending import contributions
from forecasting.ensemble.shrinkage import shrinkage_factor
from forecasting.ensemble.stacking import stacking_weights
from forecasting.ensemble.weights import equal_weights, inverse_rmse_weights
from forecasting.metrics import rmse
from forecasting.types import FloatArray

INVERSE_RMSE, STACKING, EQUAL = "inverse_rmse", "stacking", "equal"


@dataclass(frozen=True, slots=True)
class Weighing:
    """How members become one forecast.

    Attributes
    ----------
    weights
        By member, in the order in which they are added up; they sum to 1.
    shrinkages
        By member: share of its distance from naive that is kept, in [0, 1].
    """

    weights: Mapping[str, float]
    shrinkages: Mapping[str, float]

    def contributions(self, returns: Mapping[str, FloatArray]) -> FloatArray:
        """Compute what each member adds to naive, shape (n, m), from the forecasts of each, shape (n,)."""
        return contributions(returns[Naive.name], returns, self.weights, self.shrinkages)


def weigh(kind: str, returns: Mapping[str, FloatArray], y: FloatArray) -> Weighing:
    """Fit weights and shrinkages on rows that the members were not fitted on.

    Stacking needs no shrinkage of its own: naive is a member, and the weight that it takes is what the others are
    drawn toward it.

    Parameters
    ----------
    kind
        `inverse_rmse`, of each member's error after it is shrunken; `equal`; or `stacking`.
    returns
        Forecasts of each member, naive among them, each of shape (n,), fractions.
    y
        Shape (n,): realised returns, fractions.
    """
    if kind == STACKING:
        return Weighing(stacking_weights(returns, y), dict.fromkeys(returns, 1.0))
    naive = returns[Naive.name]
    shrinkages = {name: shrinkage_factor(forecast, naive, y) for name, forecast in returns.items()}
    if kind == EQUAL:
        return Weighing(equal_weights(returns), shrinkages)
    errors = {
        name: rmse(y, naive + shrinkages[name] * (forecast - naive)) for name, forecast in returns.items()
    }
    return Weighing(inverse_rmse_weights(errors), shrinkages)
