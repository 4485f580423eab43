"""Walk-forward: no training label reaches a judged row, and each later row is judged once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from purgedcv import WalkForwardSplit

from forecasting.errors import NotEnoughHistory
from forecasting.splits import Refit, walk_forward, walk_forward_refits
from forecasting.types import DAY_MS, HOUR_MS
from tests.forecasting.splits.times import embargo_of, pooled_times

HOUR = HOUR_MS
cadences = st.integers(10, 120).map(lambda hours: hours * HOUR)


def refits_or_skip(times, cadence: int, window: int | None = None) -> tuple[Refit, ...]:
    as_of, label_end, embargo = times
    begin = int(np.quantile(as_of, 0.4, method="lower"))
    try:
        return walk_forward_refits(
            as_of, label_end, first_start_ms=begin, cadence_ms=cadence, window_ms=window, embargo_ms=embargo
        )
    except NotEnoughHistory:
        assume(False)
        raise


@settings(max_examples=60, deadline=None)
@given(pooled_times(), cadences)
def test_no_training_label_span_reaches_a_judged_row(times, cadence: int) -> None:
    as_of, label_end, _ = times
    for refit in refits_or_skip(times, cadence):
        assert label_end[refit.train].max() + embargo_of(*times) <= refit.start_ms <= as_of[refit.test].min()


@settings(max_examples=60, deadline=None)
@given(pooled_times(), cadences)
def test_each_row_from_the_first_refit_on_is_judged_exactly_once(times, cadence: int) -> None:
    as_of = times[0]
    refits = refits_or_skip(times, cadence)
    judged = np.concatenate([refit.test for refit in refits])
    later = np.flatnonzero(as_of >= int(np.quantile(as_of, 0.4, method="lower")))
    assert np.array_equal(np.sort(judged), later)


@settings(max_examples=60, deadline=None)
@given(pooled_times(), cadences)
def test_only_rows_that_are_not_known_yet_are_left_out_of_training(times, cadence: int) -> None:
    as_of, label_end, _ = times
    for refit in refits_or_skip(times, cadence):
        left_out = np.setdiff1d(np.arange(len(as_of)), refit.train)
        assert (label_end[left_out] + embargo_of(*times) > refit.start_ms).all()


@settings(max_examples=40, deadline=None)
@given(pooled_times(), cadences)
def test_a_window_forgets_what_is_older(times, cadence: int) -> None:
    as_of = times[0]
    window = 150 * HOUR
    whole, recent = refits_or_skip(times, cadence), refits_or_skip(times, cadence, window)
    for full, part in zip(whole, recent, strict=True):
        assert np.array_equal(part.train, full.train[as_of[full.train] >= full.start_ms - window])


@settings(max_examples=40, deadline=None)
@given(pooled_times(), cadences)
def test_a_refit_forecasts_until_the_next_one(times, cadence: int) -> None:
    as_of = times[0]
    for refit in refits_or_skip(times, cadence):
        assert refit.stop_ms == refit.start_ms + cadence
        assert as_of[refit.test].max() < refit.stop_ms


@pytest.mark.parametrize("bars", [1, 7, 24])
def test_on_a_regular_grid_it_is_purgedcvs_walk_forward(bars: int) -> None:
    as_of = np.arange(600, dtype=np.int64) * HOUR
    refits = walk_forward_refits(as_of, as_of + bars * HOUR, first_start_ms=400 * HOUR, cadence_ms=50 * HOUR)
    times = pd.Series(pd.to_datetime(as_of, unit="ms"))
    span = pd.Timedelta(hours=bars)
    oracle = WalkForwardSplit(
        4, 50, prediction_times=times, evaluation_times=times + span, purge_horizon=span
    )
    for ours, (train, test) in zip(refits, oracle.split(as_of.reshape(-1, 1)), strict=True):
        assert np.array_equal(ours.train, train)
        assert np.array_equal(ours.test, test)


def by_rows_instead_of_time(label_end, moment, embargo):
    known = label_end <= moment
    rows = np.flatnonzero(known)
    known[rows[len(rows) - embargo // HOUR :]] = False
    return known


def without_embargo(label_end, moment, embargo):
    return label_end <= moment


@pytest.mark.parametrize("mutant", [by_rows_instead_of_time, without_embargo])
def test_property_finds_a_purge_that_is_wrong(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_forward, "known_before", mutant)
    as_of = np.repeat(np.arange(600, dtype=np.int64) * HOUR, 3)
    label_end = as_of + 5 * HOUR
    refits = walk_forward_refits(as_of, label_end, first_start_ms=300 * HOUR, cadence_ms=100 * HOUR)
    assert any(label_end[each.train].max() + 5 * HOUR > each.start_ms for each in refits)


def test_a_cadence_without_rows_has_no_refit() -> None:
    as_of = np.concatenate([np.arange(100), np.arange(150, 200)]) * DAY_MS
    refits = walk_forward_refits(as_of, as_of + DAY_MS, first_start_ms=80 * DAY_MS, cadence_ms=20 * DAY_MS)
    assert [refit.start_ms // DAY_MS for refit in refits] == [80, 140, 160, 180]


def test_too_few_training_rows_are_told_with_the_moment() -> None:
    as_of = np.arange(100, dtype=np.int64) * DAY_MS
    with pytest.raises(
        NotEnoughHistory, match=r"refit at 1970-01-31T00:00:00Z keeps 29 training rows .* 30 are"
    ):
        walk_forward_refits(as_of, as_of + DAY_MS, first_start_ms=30 * DAY_MS, cadence_ms=DAY_MS)


def test_no_row_to_judge_is_told() -> None:
    as_of = np.arange(100, dtype=np.int64) * DAY_MS
    with pytest.raises(NotEnoughHistory, match="no row is made at or after the first refit"):
        walk_forward_refits(as_of, as_of + DAY_MS, first_start_ms=100 * DAY_MS, cadence_ms=DAY_MS)


@pytest.mark.parametrize(("cadence", "window"), [(0, None), (DAY_MS, 0), (-1, None)])
def test_a_cadence_or_window_that_is_not_positive_is_refused(cadence: int, window: int | None) -> None:
    as_of = np.arange(100, dtype=np.int64) * DAY_MS
    with pytest.raises(ValueError, match="more than 0 is needed"):
        walk_forward_refits(
            as_of, as_of + DAY_MS, first_start_ms=50 * DAY_MS, cadence_ms=cadence, window_ms=window
        )
