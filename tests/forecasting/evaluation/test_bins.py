"""Bins of forecasts: each row in one, equal forecasts together, intervals as wide as the labels allow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from forecasting.evaluation.bins import MOST_BINS, probability_bins, return_bins, wilson
from forecasting.inference.spans import LabelSpans

HOUR = 3_600_000


def spans(count, labels_long=1):
    as_of = HOUR * np.arange(count, dtype=np.int64)
    return LabelSpans(as_of, as_of + labels_long * HOUR)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=80), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_every_row_is_in_one_bin_and_bins_are_in_order(probabilities, seed):
    given_ = np.array(probabilities)
    happened = np.random.default_rng(seed).integers(0, 2, len(given_)).astype(float)
    bins = probability_bins(given_, happened, spans(len(given_)))
    assert sum(each.rows for each in bins) == len(given_)
    assert len(bins) <= MOST_BINS
    assert [each.forecast for each in bins] == sorted(each.forecast for each in bins)
    assert sum(each.rows * each.realised for each in bins) == pytest.approx(happened.sum())
    assert all(each.low <= each.realised + 1e-9 and each.realised <= each.high + 1e-9 for each in bins)


def test_bins_of_different_forecasts_are_equally_full():
    forecast = np.random.default_rng(1).normal(size=1_000)
    assert {each.rows for each in return_bins(forecast, forecast, spans(1_000))} == {100}


def test_equal_forecasts_stay_together():
    bins = probability_bins(np.full(50, 0.5), np.tile([0.0, 1.0], 25), spans(50))
    assert [(each.rows, each.forecast, each.realised) for each in bins] == [(50, 0.5, 0.5)]


def test_labels_that_overlap_make_intervals_wider():
    forecast, y = np.linspace(0, 1, 240), np.tile([0.0, 1.0], 120)
    alone, overlapping = (probability_bins(forecast, y, spans(240, long))[0] for long in (1, 12))
    assert (alone.rows, alone.labels, overlapping.rows, overlapping.labels) == (24, 24, 24, 2)
    assert overlapping.high - overlapping.low > 2 * (alone.high - alone.low)


@pytest.mark.parametrize(("happened", "count"), [(0, 10), (5, 10), (52, 100), (10, 10)])
def test_the_interval_is_wilsons(happened, count):
    oracle = proportion_confint(happened, count, method="wilson")
    assert wilson(happened / count, count) == pytest.approx(oracle, abs=1e-4)


def test_no_rows_give_no_bins():
    nothing = np.empty(0)
    assert return_bins(nothing, nothing, spans(0)) == ()
