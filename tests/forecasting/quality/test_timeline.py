"""Rows in the order of time behind their context, and the levels around each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.quality.timeline import filled, gaps_in_bars, levels_around, log_prices, timeline
from tests.forecasting.quality.market import raw_of, walk

prices = st.lists(st.floats(-5, 5), min_size=0, max_size=30).map(np.array)


def test_what_is_found_in_the_order_of_time_returns_to_its_row() -> None:
    shuffled = raw_of(walk(20)).take(np.random.default_rng(1).permutation(20))
    line = timeline(shuffled, None)
    assert (line.by_row(line.open_time_ms.astype(float)) == shuffled.open_time_ms).all()


def test_only_candles_before_all_rows_are_context() -> None:
    line = timeline(raw_of(walk(20).take(slice(8, 20))), walk(20))
    assert line.known == 8
    assert (line.open_time_ms == walk(20).open_time_ms).all()
    assert (line.values == raw_of(walk(20)).values).all()


def test_context_gets_no_row() -> None:
    line = timeline(raw_of(walk(20).take(slice(8, 20))), walk(20))
    assert line.by_row(np.arange(20.0)).tolist() == list(range(8, 20))


@given(prices)
def test_levels_are_medians_of_five_neighbours(closes: np.ndarray) -> None:
    before, after = levels_around(closes)
    assert len(before) == len(after) == len(closes)
    for row in range(len(closes)):
        for side, window in (
            (before, closes[max(0, row - 5) : row]),
            (after, closes[row + 1 : row + 6]),
        ):
            expected = np.median(window) if len(window) else np.nan
            assert side[row] == pytest.approx(expected, nan_ok=True)


def test_a_missing_number_is_the_one_before_it() -> None:
    nan = np.nan
    assert filled(np.array([nan, 2.0, nan, nan, 3.0, nan])).tolist() == [2, 2, 2, 2, 3, 3]


def test_nothing_but_missing_numbers_stays_missing() -> None:
    assert np.isnan(filled(np.full(3, np.nan))).all()


def test_prices_that_are_no_positive_number_have_no_logarithm() -> None:
    values = np.array([[0.0, -1.0, np.inf, np.nan, 5.0], [1.0, np.e, 1.0, 1.0, 0.0]])
    assert np.isnan(log_prices(values)[0]).all()
    assert log_prices(values)[1].tolist() == pytest.approx([0, 1, 0, 0])


def test_gaps_count_absent_candles_and_twins_have_none() -> None:
    raw = raw_of(walk(6)).take(np.array([0, 1, 1, 5]))
    assert gaps_in_bars(timeline(raw, None)).tolist() == [0, 0, 0, 3]
