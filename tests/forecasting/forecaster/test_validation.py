from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from forecasting.calibration import Calibrator
from forecasting.dataset import Dataset
from forecasting.forecaster.validation import fit_calibrators, validation_scores
from tests.forecasting.rows import hourly_horizon, made_up_rows

ROWS = made_up_rows(600, signal=0.5, seed=61)
EXCESS = np.nan_to_num(ROWS.X[:, ROWS.feature_names.index("return_1h")])
HORIZON = hourly_horizon()


def sign_calibrator(rows: Dataset = ROWS, **changes: object) -> Calibrator:
    horizon = HORIZON.model_copy(update=changes)
    return fit_calibrators(EXCESS[: len(rows)], rows, ROWS, horizon)[1]


def test_labels_that_overlap_count_for_less() -> None:
    assert 0 < sign_calibrator(look_ahead_minutes=24 * 60).slope_ < sign_calibrator().slope_ / 2


def test_symbols_of_one_moment_count_once() -> None:
    apart = replace(ROWS, as_of_ms=np.arange(len(ROWS), dtype=np.int64))
    assert sign_calibrator().slope_ < sign_calibrator(apart).slope_


def test_returns_of_zero_say_nothing_of_the_sign() -> None:
    still = np.zeros(len(ROWS), dtype=bool)
    still[::3] = True
    calibrator = sign_calibrator(replace(ROWS, y=np.where(still, 0.0, ROWS.y)))
    expected, _ = fit_calibrators(EXCESS[~still], ROWS.take(~still), ROWS, HORIZON)
    assert calibrator.slope_ == pytest.approx(expected.slope_)


def test_few_labels_leave_the_share_of_rises_near_one_half() -> None:
    rising = replace(ROWS, y=np.abs(ROWS.y))
    _, sign = fit_calibrators(EXCESS, ROWS, rising, HORIZON)
    moments = len(np.unique(rising.as_of_ms))
    assert sign.probability(np.zeros(1))[0] == pytest.approx((moments + 50) / (moments + 100))


def test_share_of_returns_above_another_threshold_is_what_was_counted() -> None:
    above = HORIZON.model_copy(update={"threshold": 0.01})
    rise, _ = fit_calibrators(EXCESS, ROWS, ROWS, above)
    assert rise.probability(np.zeros(1))[0] == pytest.approx(float(np.mean(ROWS.y > 0.01)), abs=2e-3)


def test_probabilities_are_scored_against_returns_above_the_threshold() -> None:
    y = np.array([0.02, 0.005, -0.01])
    scores = validation_scores(y, y, 0.01, np.array([1.0, 0.0, 0.0]))
    assert (scores.rmse, scores.directional_accuracy, scores.brier) == (0.0, 1.0, 0.0)
