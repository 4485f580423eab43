"""How members become one forecast: each is drawn toward the naive forecast, then counts by its weight."""

from forecasting.ensemble.blending import blend, consensus, contributions
from forecasting.ensemble.shrinkage import shrinkage_factor
from forecasting.ensemble.stacking import stacking_weights
from forecasting.ensemble.weighing import EQUAL, INVERSE_RMSE, STACKING, Weighing, weigh
from forecasting.ensemble.weights import equal_weights, inverse_rmse_weights

__all__ = [
    "EQUAL",
    "INVERSE_RMSE",
    "STACKING",
    "Weighing",
    "blend",
    "consensus",
    "contributions",
    "equal_weights",
    "inverse_rmse_weights",
    "shrinkage_factor",
    "stacking_weights",
    "weigh",
]
