"""What builds up over time ends at the figure of the whole."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.report.groups import whole_line
from forecasting.adapters.report.periods import (
    absolute_residuals,
    coverage_by_period,
    cumulative_gain,
    cumulative_rank_ic,
)
from forecasting.metrics import mae


@pytest.fixture(scope="module")
def judged(reported):
    return reported.judgement.judged


def test_the_rank_correlation_ends_at_that_of_all_rows(judged):
    moments, built_up = cumulative_rank_ic(judged)
    assert built_up[-1] == pytest.approx(whole_line(judged).rank_ic)
    assert moments.tolist() == sorted(set(judged.rows.label_end_ms.tolist()))


def test_the_gain_ends_at_the_skill(judged):
    _, gain = cumulative_gain(judged)
    assert gain[-1] == pytest.approx(whole_line(judged).skill)


def test_a_forecast_that_is_naive_gains_nothing(judged):
    _, gain = cumulative_gain(replace(judged, candidate=judged.naive))
    assert not gain.any()


def test_residuals_of_periods_are_those_of_their_rows(judged):
    starts, sizes = absolute_residuals(judged)
    assert 1 < len(starts) <= 81
    first = judged.rows.as_of_ms < starts[1]
    assert sizes[0] == pytest.approx(mae(judged.rows.y[first], judged.candidate.pred_return[first]))


def test_a_forecast_that_is_not_finite_is_not_drawn(judged):
    broken = replace(judged.candidate, pred_return=np.full(len(judged.rows), np.nan))
    with pytest.raises(ValueError, match="missing or infinite"):
        cumulative_rank_ic(replace(judged, candidate=broken))


def test_coverage_of_the_periods_is_that_of_their_rows(judged):
    starts, shares = coverage_by_period(judged)
    assert shares.shape == (len(starts), 2)
    assert 1 < len(starts) <= 31
    counts = np.diff([*np.searchsorted(judged.rows.as_of_ms, starts), len(judged.rows)])
    assert np.average(shares[:, 1], weights=counts) == pytest.approx(whole_line(judged).coverage)
    assert (shares[:, 0] <= shares[:, 1]).all()


def test_rows_without_an_interval_count_for_no_coverage(judged):
    half = judged.intervals.copy()
    half[::2] = np.nan
    told, y = whole_line(replace(judged, intervals=half)).coverage, judged.rows.y[1::2]
    assert told == np.mean((half[1::2, 1, 0] <= y) & (y <= half[1::2, 1, 1]))
