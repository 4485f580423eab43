"""The breaker over intervals."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.monitoring.coverage import LEAST_COVERED, MATURED_ROWS, Coverage
from forecasting.monitoring.trip import UNCOVERED

NOW_MS = 1_700_000_400_000
ROWS = st.lists(st.booleans(), max_size=500)


def rows_with(outside, rows=MATURED_ROWS):
    return [False] * outside + [True] * (rows - outside)


@pytest.mark.parametrize(("outside", "is_open"), [(40, False), (41, True)])
def test_it_opens_under_eighty_percent_of_two_hundred(outside, is_open):
    assert (Coverage().take(rows_with(outside), NOW_MS).trip is not None) is is_open


def test_fewer_rows_say_nothing():
    assert Coverage().take([False] * (MATURED_ROWS - 1), NOW_MS).trip is None


def test_the_reason_holds_the_figure():
    trip = Coverage().take(rows_with(60), NOW_MS).trip
    assert trip.breaker == UNCOVERED
    assert (
        trip.reason == "its 90 % interval held 70.0% of the last 200 returns that are known, 80% are needed"
    )


def test_in_a_thousand_windows_of_sound_intervals_it_stays_closed():
    generator = np.random.default_rng(7)
    windows = generator.random((1_000, MATURED_ROWS)) < 0.9
    assert not any(Coverage().take(window.tolist(), NOW_MS).trip for window in windows)


@given(ROWS, st.integers(0, 500))
def test_in_any_portions_it_opens_at_the_same_row(rows, cut):
    at_once = Coverage().take(rows, NOW_MS)
    saved = json.loads(json.dumps(Coverage().take(rows[:cut], NOW_MS).to_document()))
    assert Coverage.from_document(saved).take(rows[cut:], NOW_MS) == at_once


@given(ROWS)
def test_open_means_that_too_few_of_the_last_rows_were_inside(rows):
    state = Coverage().take(rows, NOW_MS)
    assert (state.trip is not None) == (len(state.inside) == MATURED_ROWS and state.covered < LEAST_COVERED)
