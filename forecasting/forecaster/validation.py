"""What the validation rows decide: what a distance from naive is worth, and how good each member was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.calibration import CALIBRATORS, ProbabilityCalibrator
from forecasting.dataset import Dataset
from forecasting.horizons import Horizon
from forecasting.metrics import brier, directional_accuracy, mae, rmse
from forecasting.types import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class ValidationScores:
    """Scores on the validation rows; weights and calibrators were fitted there, so they flatter a little.

    Attributes
    ----------
    rmse, mae
        In units of return (a fraction).
    directional_accuracy
        Share of right signs in [0, 1]; None when every return is exactly zero.
    brier
        Mean squared error of the probability that the return exceeds the threshold, in [0, 1]; None for a
        member, which gives no probability.
    """

    rmse: float
    mae: float
    directional_accuracy: float | None
    brier: float | None


def fit_calibrators(
    score: FloatArray, rows: Dataset, train_y: FloatArray, horizon: Horizon
) -> tuple[ProbabilityCalibrator, ProbabilityCalibrator]:
    """Fit one calibrator to returns above the threshold and one to the signs of returns that are not zero.

    Symbols rise and fall together and labels overlap, so the rows of one moment count once, and of the
    moments one in a look-ahead: otherwise a few lucky weeks would look like proof.

    Parameters
    ----------
    score
        Shape (n,): distance of the ensemble from naive x consensus, fractions, by weights that do not know the rows'
        own labels.
    rows
        The n rows.
    train_y
        Shape (m,): returns of the training rows, fractions; they tell the base rates.
    horizon
        Its threshold, look-ahead and kind of calibration.
    """

    def fit(used: BoolArray, outcome: BoolArray, train_outcome: BoolArray) -> ProbabilityCalibrator:
        independent = len(np.unique(rows.as_of_ms[used])) / horizon.look_ahead_bars
        base_rate = (int(train_outcome.sum()) + 1) / (len(train_outcome) + 2)
        return CALIBRATORS[horizon.calibration]().fit(
            score[used], outcome[used], base_rate=base_rate, n_independent=independent or None
        )

    everything, y = np.ones(len(rows), dtype=np.bool_), rows.y
    rise = fit(everything, y > horizon.threshold, train_y > horizon.threshold)
    return rise, fit(y != 0, y > 0, train_y[train_y != 0] > 0)


def validation_scores(
    y: FloatArray, forecast: FloatArray, threshold: float, p_up: FloatArray | None = None
) -> ValidationScores:
    """Score one member or the ensemble; all arrays of shape (n,)."""
    return ValidationScores(
        rmse=rmse(y, forecast),
        mae=mae(y, forecast),
        directional_accuracy=directional_accuracy(y, forecast) if np.any(y) else None,
        brier=None if p_up is None else brier((y > threshold).astype(np.float64), p_up),
    )
