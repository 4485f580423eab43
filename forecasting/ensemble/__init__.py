"""How members become one forecast: each is drawn toward the naive forecast, then counts by its weight."""

from forecasting.ensemble.blending import agreed_distance, blend, consensus, contributions
from forecasting.ensemble.crossing import crossed_contributions
from forecasting.ensemble.held_out import HeldOut
from forecasting.ensemble.mixture import Mixture, learn_mixture
from forecasting.ensemble.regime_weights import RegimeWeights, Verdict, try_regimes
from forecasting.ensemble.shrinkage import shrinkage_factor
from forecasting.ensemble.stacking import stacking_weights
from forecasting.ensemble.weighing import EQUAL, INVERSE_RMSE, STACKING, Weighing, weigh
from forecasting.ensemble.weights import equal_weights, inverse_rmse_weights

__all__ = [
    "EQUAL",
    "INVERSE_RMSE",
    "STACKING",
    "HeldOut",
    "Mixture",
    "RegimeWeights",
    "Verdict",
    "Weighing",
    "agreed_distance",
    "blend",
    "consensus",
    "contributions",
    "crossed_contributions",
    "equal_weights",
    "inverse_rmse_weights",
    "learn_mixture",
    "shrinkage_factor",
    "stacking_weights",
    "try_regimes",
    "weigh",
]
