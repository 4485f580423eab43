"""Order, twins and absence of rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from forecasting.quality.moments import absent_share, behind_ms, twin_counts
from forecasting.quality.raw import RawCandles
from tests.forecasting.quality.market import raw_of, walk

few_times = st.lists(st.integers(0, 5), max_size=12).map(lambda hours: np.array(hours, dtype=np.int64))


def rows_at(times: np.ndarray, closes: np.ndarray) -> RawCandles:
    raw = raw_of(walk(12)).take(slice(0, len(times)))
    values = np.ones((len(times), 5))
    values[:, 3] = closes
    return replace(raw, open_time_ms=times, values=values)


@given(few_times)
def test_a_row_is_behind_exactly_when_a_later_moment_stands_above_it(times: np.ndarray) -> None:
    expected = [max(times[: row + 1]) - time for row, time in enumerate(times)]
    assert behind_ms(times).tolist() == expected


@given(few_times, st.data())
def test_twins_and_conflicts_are_counted_as_by_hand(times: np.ndarray, data: st.DataObject) -> None:
    number = st.sampled_from([1.0, 2.0, np.nan, np.inf])
    closes = np.array(data.draw(st.lists(number, min_size=len(times), max_size=len(times))))
    twins, conflicts = twin_counts(rows_at(times, closes))
    for row, time in enumerate(times):
        others = [other for other in range(len(times)) if other != row and times[other] == time]
        unlike = [o for o in others if not np.array_equal(closes[o], closes[row], equal_nan=True)]
        assert (twins[row], conflicts[row]) == (len(others), len(unlike))


def test_nothing_is_absent_of_nothing() -> None:
    assert absent_share(np.zeros(0, dtype=np.int64), 60_000) == 0.0


def test_twins_do_not_hide_absence() -> None:
    assert absent_share(np.array([0, 0, 3]) * 60_000, 60_000) == 0.5
