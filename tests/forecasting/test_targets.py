import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.candles import Candles
from forecasting.targets import exceeds, forward_returns
from forecasting.types import HOUR_MS


def hourly(*closes):
    """Candles of consecutive hours; None stands for an absent one."""
    hours = np.array([hour for hour, close in enumerate(closes) if close is not None], dtype=np.int64)
    values = np.array([close for close in closes if close is not None], dtype=float)
    return Candles("BTC/USDT", "1h", hours * HOUR_MS, values, values, values, values, values)


def test_the_label_is_the_return_to_the_close_one_look_ahead_later():
    np.testing.assert_array_equal(
        forward_returns(hourly(100, 110, 99), HOUR_MS), [110 / 100 - 1, 99 / 110 - 1, np.nan]
    )


def test_the_last_rows_have_no_label_yet():
    np.testing.assert_array_equal(np.isnan(forward_returns(hourly(1, 2, 3, 4), 2 * HOUR_MS)), [0, 0, 1, 1])


def test_a_label_that_would_end_in_a_gap_is_missing_and_the_next_one_is_not_shifted():
    labels = forward_returns(hourly(100, 110, None, 99, 101), HOUR_MS)
    np.testing.assert_array_equal(labels, [110 / 100 - 1, np.nan, 101 / 99 - 1, np.nan])


def test_a_label_may_span_a_gap_when_both_of_its_ends_are_there():
    assert forward_returns(hourly(100, None, 99), 2 * HOUR_MS)[0] == 99 / 100 - 1


def test_no_candles_have_no_labels():
    assert forward_returns(Candles.empty("BTC/USDT", "1h"), HOUR_MS).shape == (0,)


@given(
    st.lists(st.one_of(st.none(), st.floats(0.01, 1e6)), min_size=1, max_size=60).filter(any),
    st.integers(1, 70),
)
def test_labels_equal_a_look_up_by_time(closes, bars):
    candles = hourly(*closes)
    by_time = dict(zip(candles.open_time_ms.tolist(), candles.close.tolist(), strict=True))
    expected = [
        by_time[moment + bars * HOUR_MS] / close - 1 if moment + bars * HOUR_MS in by_time else np.nan
        for moment, close in by_time.items()
    ]
    np.testing.assert_array_equal(forward_returns(candles, bars * HOUR_MS), expected)


@pytest.mark.parametrize(("value", "expected"), [(0.0011, 1.0), (0.001, 0.0), (-0.5, 0.0)])
def test_only_a_return_above_the_threshold_exceeds_it(value, expected):
    assert exceeds(np.array([value]), 0.001).tolist() == [expected]


def test_a_missing_return_stays_missing():
    np.testing.assert_array_equal(exceeds(np.array([np.nan, 1.0]), 0.0), [np.nan, 1.0])
