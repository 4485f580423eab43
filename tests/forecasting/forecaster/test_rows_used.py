"""The forecaster tells which rows it used for what, and none of them knows the rows that it is judged on."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.forecaster.forecaster import Forecaster
from forecasting.leakage.training_run import check_run
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows

ROWS = made_up_rows(900, signal=0.5, seed=41)


@pytest.fixture(scope="module")
def fitted():
    return Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",)).fit(ROWS)


def test_a_fit_passes_every_check_of_a_training_run(fitted):
    assert [result.name for result in check_run(fitted.run_) if not result.passed] == []


def test_every_row_is_told_in_the_part_that_it_was_used_for(fitted):
    split, run = fitted.split_, fitted.run_
    for used, rows in ((run.fit, split.train), (run.calibrate, split.validation), (run.evaluate, split.test)):
        np.testing.assert_array_equal(used.as_of_ms, ROWS.as_of_ms[rows])
        np.testing.assert_array_equal(used.label_end_ms, ROWS.label_end_ms[rows])
    assert len(run.search) == len(split.train) + len(split.validation)


def test_no_label_of_a_row_that_it_is_judged_on_changes_a_bit_of_what_was_fitted(fitted):
    y = ROWS.y.copy()
    y[fitted.split_.test] = np.random.default_rng(1).standard_normal(len(fitted.split_.test))
    other = Forecaster(hourly_horizon(), hourly_spec(), ("lgbm",)).fit(replace(ROWS, y=y))
    assert other.predict(ROWS.X).pred_return.tobytes() == fitted.predict(ROWS.X).pred_return.tobytes()
    assert other.predict(ROWS.X).p_up.tobytes() == fitted.predict(ROWS.X).p_up.tobytes()
