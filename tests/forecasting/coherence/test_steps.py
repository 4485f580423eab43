import numpy as np
import pytest

from forecasting.candles import Candles
from forecasting.coherence.steps import StepSpan, passed_steps
from forecasting.types import HOUR_MS, parse_utc

START_MS = parse_utc("2025-01-02")
SPAN = StepSpan(START_MS, HOUR_MS, 6)


def hours(closes):
    """Hourly candles by the hour, counted from the span's start, at which each closes."""
    opens = START_MS + HOUR_MS * (np.array(list(closes), dtype=np.int64) - 1)
    price = np.array(list(closes.values()), dtype=np.float64)
    return Candles("AAA/USDT", "1h", opens, price, price, price, price, np.ones(len(price)))


def test_boundaries_run_from_the_start_to_the_end():
    assert SPAN.boundaries_ms[0] == START_MS
    assert SPAN.boundaries_ms[-1] == SPAN.end_ms == START_MS + 6 * HOUR_MS


def test_a_passed_step_is_the_log_return_between_its_closes():
    passed = passed_steps(SPAN, hours({-1: 90, 0: 100, 1: 110, 2: 99}))
    assert passed.log_returns == pytest.approx(np.log([1.1, 0.9]))
    assert not passed.spread.any()


def test_candles_before_and_after_the_span_do_not_count():
    every = {hour: 100.0 + hour for hour in range(-30, 40)}
    passed = passed_steps(SPAN, hours(every))
    assert passed.log_returns == pytest.approx(np.diff(np.log(100.0 + np.arange(7))))


def test_over_a_hole_the_known_return_is_spread_evenly():
    passed = passed_steps(SPAN, hours({0: 100, 1: 110, 4: 121, 5: 120}))
    assert passed.log_returns == pytest.approx([*[np.log(1.1)], *[np.log(1.1) / 3] * 3, np.log(120 / 121)])
    assert passed.spread.tolist() == [False, True, True, True, False]


def test_an_absent_candle_at_the_end_of_what_is_known_leaves_that_step_open():
    assert len(passed_steps(SPAN, hours({0: 100, 1: 110, 2: 111}))) == 2


def test_where_the_candle_at_the_start_is_absent_the_coarse_close_stands_in():
    passed = passed_steps(SPAN, hours({-1: 90, 1: 110}), start_close=100.0)
    assert passed.log_returns == pytest.approx([np.log(1.1)])


def test_a_candle_at_the_start_wins_over_the_coarse_close():
    passed = passed_steps(SPAN, hours({0: 100, 1: 110}), start_close=50.0)
    assert passed.log_returns == pytest.approx([np.log(1.1)])


def test_without_any_price_at_the_start_nothing_is_known():
    assert len(passed_steps(SPAN, hours({1: 110, 2: 120}))) == 0


def test_candles_that_end_before_the_span_tell_of_no_step():
    assert len(passed_steps(SPAN, hours({-3: 100, -2: 101}), start_close=100.0)) == 0


def test_no_candles_at_all_tell_of_no_step():
    assert len(passed_steps(SPAN, Candles.empty("AAA/USDT", "1h"))) == 0


def test_a_step_may_be_many_candles():
    span = StepSpan(START_MS, 2 * HOUR_MS, 3)
    passed = passed_steps(span, hours({0: 100, 1: 500, 2: 110, 3: 1}))
    assert passed.log_returns == pytest.approx([np.log(1.1)])
