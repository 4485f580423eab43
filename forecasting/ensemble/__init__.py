"""How members become one forecast: each is drawn toward the naive forecast, then counts by its weight."""

from forecasting.ensemble.blending import blend, consensus, contributions
from forecasting.ensemble.shrinkage import shrinkage_factor
from forecasting.ensemble.weights import inverse_rmse_weights

__all__ = ["blend", "consensus", "contributions", "inverse_rmse_weights", "shrinkage_factor"]
