"""What the validation rows decide: what a distance from naive is worth, and how good each member was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.calibration import CALIBRATORS, ProbabilityCalibrator
from forecasting.dataset import Dataset
from forecasting.horizons import Horizon
from forecasting.metrics import brier, directional_accuracy, mae, rmse
from forecasting.types import BoolArray, FloatArray

# Weight of one half in the share of rises, in labels: a prior of 5 points. Without it noise is called surer than it is,
# for the forecast's sign follows the same training rows as the share does.
EVEN_LABELS = 100.0
LEAST_EVEN_LABELS = 2.0


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
    score: FloatArray, rows: Dataset, train: Dataset, horizon: Horizon
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
    train
        Rows that the members were fitted on; they tell the base rates.
    horizon
        Its threshold, look-ahead and kind of calibration.
    """
    calibrator, bars = CALIBRATORS[horizon.calibration], horizon.look_ahead_bars

    def fit(threshold: float, moved: Callable[[FloatArray], BoolArray]) -> ProbabilityCalibrator:
        used, known = moved(rows.y), train.take(moved(train.y))
        return calibrator().fit(
            score[used],
            rows.y[used] > threshold,
            base_rate=_base_rate(known, threshold, bars),
            n_independent=_independent(rows.take(used), bars) or None,
        )

    rise = fit(horizon.threshold, lambda y: np.ones(len(y), dtype=np.bool_))
    return rise, fit(0.0, lambda y: y != 0)


def _base_rate(train: Dataset, threshold: float, bars: int) -> float:
    """Share of returns above a threshold; that of rises is drawn toward one half, for few labels stray from it."""
    prior = EVEN_LABELS if threshold == 0 else LEAST_EVEN_LABELS
    labels = _independent(train, bars)
    share = float(np.mean(train.y > threshold)) if len(train) else 0.5
    return (share * labels + prior / 2) / (labels + prior)


def _independent(rows: Dataset, bars: int) -> float:
    return len(np.unique(rows.as_of_ms)) / bars


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
