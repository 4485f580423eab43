"""What stacking is fitted on: forecasts of members that had not seen the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pytest

from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.forecaster.forecaster import Forecaster
from forecasting.forecaster.members import new_members
from forecasting.forecaster.out_of_fold import FOLDS, forecast_out_of_fold
from forecasting.leakage.training_run import check_run
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

ROWS = made_up_rows(600, signal=0.5, seed=71)
STACKED = hourly_horizon().model_copy(update={"ensemble": "stacking"})


class Witness:
    """A member that forecasts when the last label that it knows has ended."""

    name = "witness"
    fitted: ClassVar[list[int]] = []

    def fit(self, train: Dataset) -> Witness:
        self.known_ms_ = int(train.label_end_ms.max())
        self.fitted.append(self.known_ms_)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        return np.full(len(X), float(self.known_ms_))

    def importances(self) -> None:
        return None

    def dump(self) -> Mapping[str, bytes]:
        return {}


@pytest.fixture(scope="module")
def overlapping() -> Dataset:
    day = 24 * 3_600_000
    return replace(ROWS, label_end_ms=ROWS.as_of_ms + day)


def test_each_row_is_forecast_by_members_whose_labels_ended_an_embargo_before_it(overlapping) -> None:
    Witness.fitted.clear()
    held_out = forecast_out_of_fold(overlapping, hourly_spec(), lambda: [Witness()])
    rows = overlapping.take(slice(len(overlapping) - len(held_out.y), None))
    np.testing.assert_array_equal(held_out.y, rows.y)
    span_ms = overlapping.label_end_ms - overlapping.as_of_ms
    assert (held_out.returns["witness"] + span_ms.max() <= rows.as_of_ms).all()
    assert all(earlier < later for earlier, later in pairwise(Witness.fitted))
    assert len(Witness.fitted) == FOLDS


def test_the_later_half_of_the_rows_is_forecast(overlapping) -> None:
    share = len(forecast_out_of_fold(overlapping, hourly_spec(), lambda: [Witness()]).y) / len(overlapping)
    assert share == pytest.approx(0.5, abs=0.01)


def test_too_few_rows_to_learn_from_are_refused() -> None:
    with pytest.raises(NotEnoughHistory, match="30 are needed"):
        forecast_out_of_fold(ROWS.take(slice(0, 40)), hourly_spec(), lambda: [Witness()])


def test_stacked_weights_ignore_every_row_that_calibrates_or_judges() -> None:
    plain = Forecaster(STACKED, hourly_spec(), ()).fit(ROWS)
    y = ROWS.y.copy()
    y[np.r_[plain.split_.validation, plain.split_.test]] *= -3
    other = Forecaster(STACKED, hourly_spec(), ()).fit(replace(ROWS, y=y))
    assert other.weights_ == plain.weights_
    assert other.sign_calibrator_.to_document() != plain.sign_calibrator_.to_document()


def test_members_that_serve_are_fitted_on_all_training_rows() -> None:
    stacked = Forecaster(STACKED, hourly_spec(), ("lgbm",)).fit(ROWS)
    plain = Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",)).fit(ROWS)
    assert stacked.members_["lgbm"].dump() == plain.members_["lgbm"].dump()


def test_a_stacked_fit_passes_every_check_of_a_training_run() -> None:
    stacked = Forecaster(STACKED, hourly_spec(), ("lgbm",)).fit(ROWS)
    assert [result.name for result in check_run(stacked.run_) if not result.passed] == []


def test_persistence_gets_the_share_of_the_last_return_that_the_next_repeats() -> None:
    rows = made_up_rows(3000, signal=0.5, seed=72)
    weights = Forecaster(STACKED, hourly_spec(), ()).fit(rows).weights_
    assert weights["persistence"] == pytest.approx(0.5, abs=0.04)


def test_the_step_out_of_fold_is_announced() -> None:
    steps: list[str] = []
    Forecaster(STACKED, hourly_spec(), ()).fit(ROWS, steps.append)
    assert steps == ["naive", "persistence", "ewma", "ensemble", "out of fold", "calibration"]


def test_members_of_the_folds_are_those_of_the_horizon() -> None:
    members = new_members(STACKED, hourly_spec(), ("lgbm",), 7)
    held_out = forecast_out_of_fold(ROWS, hourly_spec(), lambda: members)
    assert list(held_out.returns) == ["naive", "persistence", "ewma", "lgbm"]
