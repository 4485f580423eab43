"""Walking through forecasts: labels count when they are known, and coverage holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.intervals.adaptive import AdaptiveIntervals
from forecasting.intervals.walking import walk_intervals
from tests.forecasting.intervals.bars import forecast_rows, taken

SYMBOLS = ("BBB/SIM", "AAA/SIM")


def covered(rows, ends, level):
    given_rows = ~np.isnan(ends[:, level, 0])
    low, high = ends[given_rows, level].T
    return float(np.mean((low <= rows.y[given_rows]) & (rows.y[given_rows] <= high)))


@given(seed=st.integers(0, 200), look_ahead=st.sampled_from([1, 4, 24]), cut=st.integers(40, 110))
def test_labels_that_end_after_a_forecast_do_not_touch_its_interval(seed, look_ahead, cut):
    rng = np.random.default_rng(seed)
    y = rng.standard_t(4, (120, 2))
    rows = forecast_rows(y, symbols=SYMBOLS, look_ahead=look_ahead)
    late = rows.label_end_ms > cut
    poisoned = forecast_rows(y + 1000.0 * late.reshape(y.shape), symbols=SYMBOLS, look_ahead=look_ahead)
    by_then = rows.as_of_ms <= cut
    clean = walk_intervals(AdaptiveIntervals(look_ahead), rows)
    found = walk_intervals(AdaptiveIntervals(look_ahead), poisoned)
    assert clean[by_then].tobytes() == found[by_then].tobytes()


def test_a_label_counts_from_the_moment_it_ends():
    y = np.ones(60)
    y[40] = 1000.0
    rows = forecast_rows(y, look_ahead=5)
    shares = []
    for bars in (44, 45):
        intervals = AdaptiveIntervals(5)
        walk_intervals(intervals, taken(rows, rows.as_of_ms <= bars))
        shares.append(intervals.to_document()["symbols"]["AAA/SIM"]["shares"][1])
    assert shares[1] < shares[0]


def test_the_state_after_a_walk_is_that_of_learning_what_had_ended():
    rows = forecast_rows(np.random.default_rng(3).standard_t(4, (200, 2)), symbols=SYMBOLS, look_ahead=7)
    walked = AdaptiveIntervals(7)
    walk_intervals(walked, rows)
    at_once = AdaptiveIntervals(7).learn(taken(rows, rows.label_end_ms <= rows.as_of_ms.max()))
    assert walked.to_document() == at_once.to_document()


def test_a_walk_in_two_parts_goes_on_where_it_stopped():
    rows = forecast_rows(np.random.default_rng(3).standard_t(4, 200))
    whole = walk_intervals(AdaptiveIntervals(1), rows)
    intervals = AdaptiveIntervals(1)
    first = walk_intervals(intervals, taken(rows, rows.as_of_ms < 100))
    last = rows.as_of_ms == 99
    intervals.learn(taken(rows, last))
    second = walk_intervals(intervals, taken(rows, rows.as_of_ms >= 100))
    assert np.concatenate([first, second]).tobytes() == whole.tobytes()


def test_no_interval_is_given_before_thirty_scores():
    ends = walk_intervals(AdaptiveIntervals(1), forecast_rows(np.random.default_rng(3).normal(size=50)))
    assert np.isnan(ends[:30]).all()
    assert not np.isnan(ends[30:]).any()


@pytest.mark.parametrize("look_ahead", [1, 12])
def test_both_levels_hold_what_they_say_on_returns_that_do_not_overlap(look_ahead):
    rows = forecast_rows(np.random.default_rng(4).standard_t(4, 12_000), look_ahead=look_ahead)
    ends = walk_intervals(AdaptiveIntervals(look_ahead), rows)
    assert covered(rows, ends, 0) == pytest.approx(0.8, abs=0.01)
    assert covered(rows, ends, 1) == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("seed", [1, 2])
def test_each_symbol_is_covered_though_their_tails_differ(seed):
    rng = np.random.default_rng(seed)
    y = np.column_stack([rng.standard_t(3, 4000), rng.uniform(-1, 1, 4000)])
    rows = forecast_rows(y, symbols=SYMBOLS)
    ends = walk_intervals(AdaptiveIntervals(1), rows)
    for number in range(2):
        own = rows.symbol == number
        assert covered(taken(rows, own), ends[own], 1) == pytest.approx(0.9, abs=0.015)


def test_a_share_that_may_move_covers_a_volatility_that_is_told_wrongly():
    # From the middle on, returns are twice as wide as the volatility says.
    y = np.random.default_rng(6).standard_normal(6000) * np.repeat([1.0, 2.0], 3000)
    rows = forecast_rows(y)
    late = taken(rows, rows.as_of_ms >= 3000)
    moved, fixed = (walk_intervals(AdaptiveIntervals(1, step=step), rows)[3000:] for step in (0.01, 0.0))
    assert covered(late, moved, 1) == pytest.approx(0.9, abs=0.012)
    assert covered(late, fixed, 1) < covered(late, moved, 1) - 0.02
