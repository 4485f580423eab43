"""Each part of a training run is later than all that was learned before it, by label time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.leakage.training_run import RowsUsed, TrainingRun, check_run
from forecasting.splits import time_ordered_split
from forecasting.types import HOUR_MS

LOOK_AHEAD = 3 * HOUR_MS


def rows(*hours, look_ahead_ms=LOOK_AHEAD):
    moments = np.array(hours, dtype=np.int64) * HOUR_MS
    return RowsUsed(moments, moments + look_ahead_ms)


FIT, CALIBRATE, EVALUATE = rows(0, 1, 2), rows(8, 9), rows(15, 16)
RUN = TrainingRun(FIT, rows(0, 1, 2, 8, 9), CALIBRATE, EVALUATE, LOOK_AHEAD)


def failed(run):
    return [result.name for result in check_run(run) if not result.passed]


def test_an_honest_run_passes_every_check():
    assert failed(RUN) == []
    assert [result.name for result in check_run(RUN)] == ["purge", "order", "calibration", "search"]


def test_a_label_may_end_and_its_embargo_run_out_in_the_moment_of_the_evaluation_row():
    assert failed(replace(RUN, calibrate=rows(8, 9))) == []
    assert failed(replace(RUN, calibrate=rows(8, 9, 10))) == ["purge"]


def test_the_embargo_counts():
    assert failed(replace(RUN, calibrate=rows(8, 9, 12), embargo_ms=0)) == []
    assert failed(replace(RUN, calibrate=rows(8, 9, 13), embargo_ms=0)) == ["purge"]


def test_a_gap_in_the_rows_does_not_shorten_the_distance():
    # Many rows lie between 2 h and 15 h in number, none in time.
    assert failed(replace(RUN, fit=rows(0, 1, 2, 6), calibrate=rows(), evaluate=rows(8, 20))) == [
        "purge",
        "search",
    ]


def test_calibration_on_a_row_that_was_fitted_is_found():
    assert failed(replace(RUN, calibrate=rows(2, 8, 9))) == ["calibration"]


def test_calibration_on_another_symbols_row_of_a_fitted_moment_is_found():
    assert failed(replace(RUN, calibrate=rows(1, 8))) == ["calibration"]


def test_a_choice_made_on_an_evaluation_row_is_found():
    assert failed(replace(RUN, search=rows(0, 1, 16))) == ["search"]


def test_a_choice_made_on_a_row_after_the_evaluation_is_found():
    assert failed(replace(RUN, search=rows(0, 1, 40))) == ["search"]


def test_a_fit_row_after_an_evaluation_row_is_found():
    assert failed(replace(RUN, fit=rows(0, 1, 2, 30), search=FIT, calibrate=rows())) == ["order"]


def test_a_run_that_is_judged_on_nothing_proves_nothing():
    assert "purge" in failed(replace(RUN, evaluate=rows()))


def test_a_run_without_search_and_calibration_is_honest_there():
    none = rows()
    assert failed(replace(RUN, search=none)) == []


def test_the_first_row_that_knows_too_much_is_named():
    (leak,) = check_run(replace(RUN, search=rows(0, 14, 16)))[3].leaks
    assert leak.as_of_ms == 14 * HOUR_MS
    assert leak.feature == "search rows"
    assert "2 such rows" in leak.reason


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_the_projects_split_always_passes_and_one_row_too_late_never(look_ahead_hours, seed):
    rng = np.random.default_rng(seed)
    moments = np.sort(rng.choice(3000, 1500, replace=False)) * HOUR_MS
    ends = moments + look_ahead_hours * HOUR_MS
    split = time_ordered_split(moments, ends)
    fit, calibrate, evaluate = (
        RowsUsed(moments[part], ends[part]) for part in (split.train, split.validation, split.test)
    )
    run = TrainingRun(fit, fit, calibrate, evaluate, look_ahead_hours * HOUR_MS)
    assert failed(run) == []
    late = split.test_start_ms - rng.integers(0, 2 * look_ahead_hours) * HOUR_MS
    row = RowsUsed(np.r_[fit.as_of_ms, late], np.r_[fit.label_end_ms, late + look_ahead_hours * HOUR_MS])
    assert "purge" in failed(replace(run, fit=row))


@pytest.mark.parametrize("part", ["fit", "calibrate", "evaluate", "search"])
def test_the_order_in_which_rows_are_told_does_not_matter(part):
    used = getattr(RUN, part)
    turned = RowsUsed(used.as_of_ms[::-1], used.label_end_ms[::-1])
    assert failed(replace(RUN, **{part: turned})) == []
