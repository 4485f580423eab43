"""Breakers over single answers: when each opens, when it does not, and how it closes."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.monitoring.breakers import EQUAL_ANSWERS, FAILURES, Breakers
from forecasting.monitoring.staleness import STALE_CANDLES
from forecasting.monitoring.trip import CONSTANT, FAILING, NOT_FINITE, STALE, Answered
from forecasting.types import HOUR_MS

START_MS = 1_700_000_400_000
SOUND = Answered("AAA/USDT", START_MS, START_MS, HOUR_MS, 0.001, 0.5, 0.5)


def answered(hour=0, value=0.001, symbol="AAA/USDT", late=0.0):
    as_of_ms = START_MS + hour * HOUR_MS
    asked_ms = as_of_ms + round(late * HOUR_MS)
    return replace(SOUND, symbol=symbol, as_of_ms=as_of_ms, asked_ms=asked_ms, pred_return=value)


def after(answers, breakers=None):
    breakers = breakers or Breakers()
    for each in answers:
        breakers = breakers.take(each)
    return breakers


def names(breakers):
    return [trip.breaker for trip in breakers.trips]


@pytest.mark.parametrize(
    ("field", "value"),
    [("pred_return", math.nan), ("pred_return", math.inf), ("p_up", 1.1), ("p_up", math.nan), ("conf", -0.1)],
)
def test_one_forecast_that_is_none_opens(field, value):
    assert names(Breakers().take(replace(SOUND, **{field: value}))) == [NOT_FINITE]


def test_the_reason_says_what_it_gave():
    (trip,) = Breakers().take(answered(value=math.nan)).trips
    assert trip.reason == "it gave a forecast that is not finite or a probability outside 0 to 1"


def test_equal_answers_over_newer_candles_open_at_the_twenty_fourth():
    equal = [answered(hour) for hour in range(EQUAL_ANSWERS + 1)]
    assert names(after(equal[:-1])) == []
    (trip,) = after(equal).trips
    assert (trip.breaker, "24 answers in a row over 24 newer candles" in trip.reason) == (CONSTANT, True)


def test_one_candle_asked_for_a_hundred_times_is_one_answer():
    assert names(after([answered()] * 100)) == []


def test_candles_of_the_past_asked_for_again_are_not_counted():
    there_and_back = [answered(hour % 2) for hour in range(200)]
    assert names(after(there_and_back)) == []


def test_each_market_is_compared_with_itself():
    constants = [
        answered(hour, value, symbol)
        for hour in range(EQUAL_ANSWERS)
        for symbol, value in (("AAA/USDT", 0.001), ("BBB/USDT", 0.002))
    ]
    assert names(after(constants)) == [CONSTANT]


def test_one_answer_that_differs_starts_the_count_again():
    hours = [answered(hour, value=0.002 if hour == 20 else 0.001) for hour in range(40)]
    assert names(after(hours)) == []


def test_features_older_than_three_intervals_open_for_that_market():
    breakers = after([answered(late=STALE_CANDLES), answered(late=3.1, symbol="BBB/USDT")])
    (trip,) = breakers.trips
    assert (trip.breaker, trip.symbol) == (STALE, "BBB/USDT")
    assert trip.reason == "the newest candle of BBB/USDT is 3.1 intervals old, 3 are allowed"


def test_a_fresh_candle_closes_what_was_stale():
    assert names(after([answered(late=9.0), answered(9)])) == []


def test_five_exceptions_in_a_row_open_and_an_answer_between_starts_again():
    breakers = Breakers()
    for _ in range(FAILURES - 1):
        breakers = breakers.failed("ValueError", START_MS)
    assert names(breakers.take(SOUND).failed("ValueError", START_MS)) == []
    (trip,) = breakers.failed("KeyError", START_MS).trips
    assert (trip.breaker, trip.reason) == (FAILING, "it raised 5 exceptions in a row, the last one KeyError")


ANSWERS = st.builds(
    answered,
    st.integers(0, 200),
    st.sampled_from([0.001, 0.002, math.nan, math.inf]),
    st.sampled_from(["AAA/USDT", "BBB/USDT"]),
    st.sampled_from([0.0, 0.5, 5.0]),
)
EVENTS = st.lists(st.one_of(ANSWERS, st.just("ValueError")), max_size=60)


def moved(breakers, events):
    for each in events:
        breakers = breakers.failed(each, START_MS) if isinstance(each, str) else breakers.take(each)
    return breakers


@given(EVENTS, EVENTS)
def test_saved_and_continued_they_are_in_the_same_state(before, later):
    whole = moved(Breakers(), [*before, *later])
    saved = json.loads(json.dumps(moved(Breakers(), before).to_document()))
    assert moved(Breakers.from_document(saved), later) == whole


@given(EVENTS, EVENTS)
def test_what_is_open_stays_open_but_for_stale_features(before, later):
    opened = {trip for trip in moved(Breakers(), before).trips if trip.breaker != STALE}
    assert opened <= set(moved(Breakers(), [*before, *later]).trips)


@given(EVENTS)
def test_each_breaker_that_is_open_can_be_closed_alone(events):
    breakers = moved(Breakers(), events)
    for trip in breakers.trips:
        left = set(breakers.without(trip.breaker, trip.symbol).trips)
        assert left == set(breakers.trips) - {trip}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.floats(-0.1, 0.1)), max_size=80, unique_by=lambda each: each[1])
)
def test_answers_that_all_differ_never_open_anything(each_once):
    assert names(after([answered(hour, value) for hour, value in each_once])) == []


def test_closing_what_is_closed_changes_nothing_but_its_count():
    assert Breakers().failed("ValueError", START_MS).without(NOT_FINITE).failing.in_a_row == 1
