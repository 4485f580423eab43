"""What chance alone could have done: tests and intervals that know that labels overlap and symbols move together.

Each result carries the number of labels that do not overlap, and is always worded with it.
"""

from forecasting.inference.accuracy import clark_west, diebold_mariano, pesaran_timmermann
from forecasting.inference.bootstrap import MeanInterval, mean_interval
from forecasting.inference.contest import ConfidenceSet, SuperiorAbility, confidence_set, superior_ability
from forecasting.inference.overfitting import (
    DeflatedSharpe,
    deflated_sharpe,
    deflated_sharpe_by_count,
    overfitting_probability,
    overfitting_probability_of_losses,
    sharpe_ratio,
)
from forecasting.inference.result import ForecastTest, p_text
from forecasting.inference.smoothing import Smoothing
from forecasting.inference.spans import LabelSpans, non_overlapping_labels

__all__ = [
    "ConfidenceSet",
    "DeflatedSharpe",
    "ForecastTest",
    "LabelSpans",
    "MeanInterval",
    "Smoothing",
    "SuperiorAbility",
    "clark_west",
    "confidence_set",
    "deflated_sharpe",
    "deflated_sharpe_by_count",
    "diebold_mariano",
    "mean_interval",
    "non_overlapping_labels",
    "overfitting_probability",
    "overfitting_probability_of_losses",
    "p_text",
    "pesaran_timmermann",
    "sharpe_ratio",
    "superior_ability",
]
