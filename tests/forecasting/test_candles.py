from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.candles import (
    CANDLE_COLUMNS,
    Candles,
    Gap,
    find_gaps,
    join_candles,
    order_candles,
    resample,
    resample_marked,
    validate_candles,
)
from forecasting.errors import InvalidCandles
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS


def candles_at(bars, interval="1h", step=HOUR_MS, seed=1):
    """Valid candles at the given bars of the grid."""
    rng = np.random.default_rng(seed)
    opens, closes = np.exp(rng.standard_normal((2, len(bars))))
    high, low = np.maximum(opens, closes) * 1.1, np.minimum(opens, closes) * 0.9
    times = np.array(bars, dtype=np.int64) * step
    return Candles("BTC/USDT", interval, times, opens, high, low, closes, rng.random(len(bars)))


def with_value(candles, column, row, value):
    changed = getattr(candles, column).copy()
    changed[row] = value
    return replace(candles, **{column: changed})


def same(left, right):
    return left.fingerprint() == right.fingerprint()


def test_valid_candles_come_back_as_they_are():
    candles = candles_at(range(5))
    assert validate_candles(candles) is candles


def test_no_candles_are_valid():
    empty = Candles.empty("BTC/USDT", "1h")
    assert validate_candles(empty) is empty
    assert len(empty) == 0


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (
            "open_time_ms",
            2 * HOUR_MS + 1,
            r"1970-01-01T02:00:00.001Z \(row 2\) is not on the UTC grid of 1h; 1 such",
        ),
        ("open_time_ms", HOUR_MS, r"row 2\) does not open later than the row before it"),
        ("open_time_ms", 0, r"row 2\) does not open later than the row before it"),
        ("open", 0.0, "has a open that is not a positive number"),
        ("high", np.inf, "has a high that is not a positive number"),
        ("low", -1.0, "has a low that is not a positive number"),
        ("close", np.nan, "has a close that is not a positive number"),
        ("volume", -0.1, "has a volume that is not zero or more"),
        ("volume", np.nan, "has a volume that is not zero or more"),
        ("low", 1e9, r"has open or close outside low\.\.high"),
        ("high", 1e-9, r"has open or close outside low\.\.high"),
    ],
)
def test_a_broken_row_is_named_with_what_is_wrong(column, value, message):
    with pytest.raises(InvalidCandles, match=message):
        validate_candles(with_value(candles_at(range(5)), column, 2, value))


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(InvalidCandles, match="unequal length"):
        validate_candles(replace(candles_at(range(5)), close=np.ones(4)))


def test_a_candle_without_volume_is_valid():
    validate_candles(with_value(candles_at(range(3)), "volume", 1, 0.0))


def test_a_candle_is_closed_one_interval_after_it_opens():
    np.testing.assert_array_equal(candles_at([3, 5]).close_time_ms, [4 * HOUR_MS, 6 * HOUR_MS])


def test_a_table_survives_the_way_to_a_frame_and_back():
    candles = candles_at([1, 2, 5])
    frame = candles.to_frame()
    assert tuple(frame.columns) == CANDLE_COLUMNS
    assert same(Candles.from_frame("BTC/USDT", "1h", frame), candles)


def test_a_frame_without_a_column_is_refused():
    frame = candles_at(range(2)).to_frame().drop(columns=["low", "volume"])
    with pytest.raises(InvalidCandles, match="BTC/USDT 1h: the columns low, volume are missing"):
        Candles.from_frame("BTC/USDT", "1h", frame)


def test_rows_are_taken_in_the_order_given():
    taken = candles_at(range(5)).take(np.array([3, 1]))
    np.testing.assert_array_equal(taken.open_time_ms, [3 * HOUR_MS, HOUR_MS])


@pytest.mark.parametrize(
    ("start", "stop", "bars"),
    [
        (None, None, [1, 2, 5]),
        (2, None, [2, 5]),
        (3, None, [5]),
        (None, 5, [1, 2]),
        (2, 5, [2]),
        (5, 2, []),
        (9, 12, []),
    ],
)
def test_between_includes_the_start_and_excludes_the_stop(start, stop, bars):
    bounds = (None if bound is None else bound * HOUR_MS for bound in (start, stop))
    chosen = candles_at([1, 2, 5]).between(*bounds)
    np.testing.assert_array_equal(chosen.open_time_ms, np.array(bars) * HOUR_MS)


@pytest.mark.parametrize(("moment_ms", "rows"), [(2 * HOUR_MS - 1, 0), (2 * HOUR_MS, 1), (3 * HOUR_MS, 2)])
def test_the_open_candle_is_not_closed(moment_ms, rows):
    assert len(candles_at([1, 2, 5]).closed_by(moment_ms)) == rows


@pytest.mark.parametrize(
    "other",
    [
        candles_at(range(4)),
        replace(candles_at(range(5)), symbol="ETH/USDT"),
        replace(candles_at(range(5)), interval="1m"),
        *(with_value(candles_at(range(5)), column, 3, 4) for column in CANDLE_COLUMNS),
    ],
)
def test_any_difference_changes_the_fingerprint(other):
    assert not same(other, candles_at(range(5)))


def test_the_fingerprint_does_not_depend_on_the_memory_layout():
    candles = candles_at(range(5))
    assert same(replace(candles, close=np.repeat(candles.close, 2)[::2]), candles)


def test_gaps_are_named_by_first_absent_candle_and_length():
    assert find_gaps(candles_at([1, 2, 5, 6, 8])) == [Gap(3 * HOUR_MS, 2), Gap(7 * HOUR_MS, 1)]


@pytest.mark.parametrize("bars", [[], [4], [4, 5, 6]])
def test_candles_in_a_row_have_no_gaps(bars):
    assert find_gaps(candles_at(bars)) == []


@given(st.sets(st.integers(0, 60), min_size=2))
def test_candles_and_gaps_fill_the_grid_exactly(bars):
    gaps = find_gaps(candles_at(sorted(bars)))
    absent = {gap.start_ms // HOUR_MS + bar for gap in gaps for bar in range(gap.bars)}
    assert absent | bars == set(range(min(bars), max(bars) + 1))
    assert not absent & bars


@given(st.sets(st.integers(0, 240), min_size=1), st.sampled_from([("15m", 15), ("1h", 60)]))
def test_resampling_equals_pandas_over_whole_bars(minutes, coarse):
    interval, parts = coarse
    dense = minutes | set(range(60, 150))
    candles = candles_at(sorted(dense), "1m", MINUTE_MS)
    frame = candles.to_frame().set_index(pd.to_datetime(candles.open_time_ms, unit="ms", utc=True))
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    bins = frame.resample(f"{parts}min")
    expected = bins.agg(how)[bins["close"].count() == parts]
    joined = resample(candles, interval)
    assert joined.open_time_ms.tolist() == [int(moment.timestamp() * 1000) for moment in expected.index]
    for name in how:
        np.testing.assert_allclose(getattr(joined, name), expected[name], rtol=1e-12)


def test_a_coarse_bar_with_a_part_absent_is_left_out():
    joined = resample(candles_at([0, 1, 2, 3, 4, 5, 7], "1m", MINUTE_MS), "3m")
    np.testing.assert_array_equal(joined.open_time_ms, [0, 3 * MINUTE_MS])


def test_a_coarse_bar_with_a_part_absent_is_marked_on_request():
    marked = resample_marked(candles_at([0, 1, 2, 3, 5, 9, 10, 11, 12], "1m", MINUTE_MS), "3m")
    np.testing.assert_array_equal(marked.candles.open_time_ms, np.array([0, 3, 9, 12]) * MINUTE_MS)
    assert (marked.parts_present.tolist(), marked.parts_needed) == ([3, 2, 3, 1], 3)
    assert marked.complete.tolist() == [True, False, True, False]


@given(st.sets(st.integers(0, 240), min_size=1))
def test_every_candle_is_part_of_exactly_one_marked_bar(minutes):
    candles = candles_at(sorted(minutes), "1m", MINUTE_MS)
    marked = resample_marked(candles, "15m")
    assert marked.parts_present.tolist() == [
        sum(minute // 15 * 15 * MINUTE_MS == time for minute in minutes)
        for time in marked.candles.open_time_ms.tolist()
    ]
    assert marked.parts_present.sum() == len(minutes)
    assert same(marked.candles.take(marked.complete), resample(candles, "15m"))


def test_candles_of_the_interval_itself_are_all_complete():
    marked = resample_marked(candles_at([1, 2, 5]), "1h")
    assert marked.complete.all()
    assert marked.parts_needed == 1


def test_candles_are_put_in_order_and_equal_rows_count_once():
    candles = candles_at(range(5))
    assert order_candles(candles) is candles
    assert same(order_candles(candles.take(np.array([4, 0, 2, 2, 1, 0, 3]))), candles)


def test_two_values_of_one_time_are_refused():
    candles = candles_at(range(5))
    both = join_candles("BTC/USDT", "1h", [candles, with_value(candles, "close", 3, 4).take(slice(3, 4))])
    with pytest.raises(InvalidCandles, match=r"1970-01-01T03:00:00Z \(row 4\) is there twice with other"):
        order_candles(both)


def test_rows_that_lack_the_same_value_are_equal():
    """What is wrong with them is for the validation to say."""
    candles = with_value(candles_at(range(3)), "close", 1, np.nan)
    assert len(order_candles(candles.take(np.array([0, 1, 1, 2])))) == 3


def test_columns_of_unequal_length_cannot_be_ordered():
    with pytest.raises(InvalidCandles, match="unequal length"):
        order_candles(replace(candles_at(range(5)), close=np.ones(4)))


def test_resampled_candles_are_valid():
    validate_candles(resample(candles_at(range(5000), "1m", MINUTE_MS), "1h"))


def test_resampling_days_from_hours_begins_at_midnight_utc():
    joined = resample(candles_at(range(5, 75)), "1d")
    np.testing.assert_array_equal(joined.open_time_ms, [DAY_MS, 2 * DAY_MS])


def test_resampling_to_the_same_interval_changes_nothing():
    candles = candles_at([1, 2, 5])
    assert same(resample(candles, "1h"), candles)


def test_no_candles_resample_to_no_candles():
    joined = resample(Candles.empty("BTC/USDT", "1m"), "1h")
    assert (len(joined), joined.interval) == (0, "1h")


@pytest.mark.parametrize(("fine", "coarse"), [("1h", "1m"), ("2h", "3m"), ("30m", "15m")])
def test_a_coarser_interval_that_is_no_whole_multiple_is_refused(fine, coarse):
    with pytest.raises(InvalidCandles, match=f"{fine} candles cannot be joined to {coarse}"):
        resample(Candles.empty("BTC/USDT", fine), coarse)
