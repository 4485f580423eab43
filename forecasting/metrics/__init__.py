"""Scores of forecasts against realised returns; all of them ignore the order of the rows.

A number that is missing or infinite refuses with a ValueError: no score is made of the rows that happen to be there.
"""

from forecasting.metrics.calibration import Corp, corp
from forecasting.metrics.groups import GroupScore, months, score_by
from forecasting.metrics.intervals import (
    crps_of_normal,
    crps_of_quantiles,
    interval_coverage,
    interval_width,
    pinball,
)
from forecasting.metrics.points import accuracy_standard_error, directional_accuracy, mae, r2_against, rmse
from forecasting.metrics.probabilities import auc, brier, log_loss
from forecasting.metrics.ranks import information_ratio, rank_ic, rank_ics

__all__ = [
    "Corp",
    "GroupScore",
    "accuracy_standard_error",
    "auc",
    "brier",
    "corp",
    "crps_of_normal",
    "crps_of_quantiles",
    "directional_accuracy",
    "information_ratio",
    "interval_coverage",
    "interval_width",
    "log_loss",
    "mae",
    "months",
    "pinball",
    "r2_against",
    "rank_ic",
    "rank_ics",
    "rmse",
    "score_by",
]
