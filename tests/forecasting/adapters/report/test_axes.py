"""Axes hold their values, and their numbers are round and tell each other apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.adapters.report.axes import number_axis, time_axis
from forecasting.types import DAY_MS, HOUR_MS, parse_utc

SIZES = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)


@given(st.lists(SIZES, max_size=20), st.booleans())
def test_an_axis_holds_its_values_and_some_numbers_that_differ(values, percent):
    axis = number_axis("x", values, percent=percent)
    assert axis.low < axis.high
    assert all(axis.low <= value <= axis.high for value in values)
    assert all(axis.low <= value <= axis.high for value, _ in axis.ticks)
    words = [word for _, word in axis.ticks]
    assert 1 <= len(words) == len(set(words)) <= 7


@pytest.mark.parametrize(
    ("values", "percent", "words"),
    [
        ((0, 10), False, ["0.0", "2.5", "5.0", "7.5", "10.0"]),
        ((0, 1), False, ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        ((-0.002, 0.002), True, ["-0.2 %", "-0.1 %", "0.0 %", "0.1 %", "0.2 %"]),
        ((), False, ["0.00", "0.25", "0.50", "0.75", "1.00"]),
    ],
)
def test_numbers_are_round(values, percent, words):
    assert [word for _, word in number_axis("x", values, percent=percent).ticks] == words


def test_a_value_beyond_is_drawn_at_the_end():
    axis = number_axis("x", [0, 10])
    assert (axis.part(-99), axis.part(99)) == (0, 1)
    assert axis.part(5) == pytest.approx(0.5)


def test_days_begin_at_midnight():
    begin = parse_utc("2025-07-08T23:00:00Z")
    axis = time_axis("UTC", np.array([begin, begin + 20 * DAY_MS]))
    assert all(value % DAY_MS == 0 for value, _ in axis.ticks)
    assert 3 <= len(axis.ticks) <= 7
    assert all(word.startswith("2025-07-") for _, word in axis.ticks)


def test_a_short_span_is_told_in_hours():
    begin = parse_utc("2025-07-08T23:00:00Z")
    axis = time_axis("UTC", np.array([begin, begin + 10 * HOUR_MS]))
    assert [word for _, word in axis.ticks] == ["07-09 00:00", "07-09 03:00", "07-09 06:00", "07-09 09:00"]


def test_one_moment_alone_still_has_an_axis():
    axis = time_axis("UTC", np.array([DAY_MS]))
    assert axis.low < axis.high
