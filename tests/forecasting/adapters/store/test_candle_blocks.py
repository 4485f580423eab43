"""Candles are the same whatever order, overlap and engine they came through, and damage is never parsed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store.candle_blocks import CandleStore, WriteReport
from forecasting.candles import Candles, resample
from forecasting.errors import InvalidCandles, StoreUnavailable
from forecasting.planning import SeriesSpan
from forecasting.types import MINUTE_MS
from tests.forecasting.adapters.store.places import candles_of, same

BTC = ("BTC/USDT", "1m")


@pytest.fixture
def candles(store):
    return CandleStore(store)


def test_candles_written_again_change_nothing(candles):
    written = candles_of(100_000)
    assert candles.write(written) == WriteReport(added=100_000)
    assert candles.write(written) == WriteReport(unchanged=100_000)
    assert same(candles.read_candles(*BTC), written)


def test_no_candles_change_nothing(candles):
    assert candles.write(Candles.empty(*BTC)) == WriteReport()
    assert candles.series() == []


def test_later_parts_first_give_the_same_candles(candles):
    written = candles_of(10_000)
    for start in range(9_000, -1, -1_000):
        candles.write(written.take(slice(start, start + 1_000)))
    assert same(candles.read_candles(*BTC), written)


def test_other_values_are_the_current_ones_and_are_counted(candles):
    written = candles_of(10)
    candles.write(written)
    revised = replace(written, volume=written.volume + (np.arange(10) == 4))
    more = candles_of(3, start="2024-02-20")
    assert candles.write(revised) == WriteReport(unchanged=9, revised=1)
    assert candles.write(more) == WriteReport(added=3)
    assert same(candles.read_candles(*BTC, stop_ms=int(more.open_time_ms[0])), revised)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 5), (40_000, 60_000), (99_999, None), (None, 7), (7, 7), (9, 7), (None, None)]
)
def test_a_span_is_what_a_cut_of_everything_gives(candles, start, stop):
    written = candles_of(100_000)
    candles.write(written)
    times = [None if row is None else int(written.open_time_ms[row]) for row in (start, stop)]
    assert same(candles.read_candles(*BTC, *times), written.take(slice(start, stop)))


@pytest.mark.parametrize("shift_ms", [-1, 1])
def test_a_span_is_half_open_to_the_millisecond(candles, shift_ms):
    written = candles_of(10)
    candles.write(written)
    start, stop = (int(written.open_time_ms[row]) + shift_ms for row in (2, 8))
    expected = written.take(slice(2, 8) if shift_ms < 0 else slice(3, 9))
    assert same(candles.read_candles(*BTC, start, stop), expected)


def test_a_span_outside_what_is_stored_is_empty(candles):
    written = candles_of(10)
    candles.write(written)
    assert not len(candles.read_candles(*BTC, int(written.open_time_ms[-1]) + 1))
    assert not len(candles.read_candles(*BTC, None, int(written.open_time_ms[0])))
    assert not len(candles.read_candles("ETH/USDT", "1m"))


def test_symbols_and_intervals_are_kept_apart(candles):
    series = [
        candles_of(500, symbol=symbol, interval=interval, seed=seed)
        for seed, (symbol, interval) in enumerate(
            [("BTC/USDT", "1m"), ("BTC/USDT", "1h"), ("BTC/USDT:USDT", "1m")]
        )
    ]
    for each in series:
        candles.write(each)
    for each in series:
        assert same(candles.read_candles(each.symbol, each.interval), each)


def test_what_is_stored_is_listed_without_reading_candles(candles):
    minutes, days = (
        candles_of(80_000),
        candles_of(5_000, interval="1d", symbol="ETH/USDT", start="1995-12-30"),
    )
    for each in (days, minutes):
        candles.write(each)
    assert candles.series() == [
        SeriesSpan(
            each.symbol, each.interval, int(each.open_time_ms[0]), int(each.open_time_ms[-1]), len(each)
        )
        for each in (minutes, days)
    ]


def test_the_series_of_one_symbol_are_those_of_no_other(candles):
    for symbol in ("BTC/USDT", "BTC/USDT:USDT"):
        candles.write(candles_of(50, symbol=symbol))
    assert [span.symbol for span in candles.series(symbol="BTC/USDT")] == ["BTC/USDT"]


def test_an_invalid_table_is_refused_and_nothing_of_it_is_written(candles):
    written = candles_of(50_000)
    written.close[-1] = np.nan
    with pytest.raises(InvalidCandles, match="close"):
        candles.write(written)
    assert candles.series() == []


@pytest.mark.parametrize(
    "damage", [lambda payload: payload[:-1] + b"x", lambda payload: payload[:100], lambda _: b""]
)
def test_a_damaged_block_is_named_in_one_line_and_not_parsed(store, candles, damage):
    candles.write(candles_of(10))
    (document,) = store.find("candle_blocks")
    store.put("candle_blocks", {**document, "payload": damage(document["payload"])})
    for use in (lambda: candles.read_candles(*BTC), lambda: candles.write(candles_of(3))):
        with pytest.raises(
            StoreUnavailable, match=r"^the stored candles of BTC/USDT 1m from .* are damaged.*again$"
        ):
            use()


def test_a_block_with_another_number_of_rows_is_damaged(store, candles):
    candles.write(candles_of(10))
    (document,) = store.find("candle_blocks")
    store.put("candle_blocks", {**document, "rows": 9})
    with pytest.raises(StoreUnavailable, match="9 rows were written, it holds 10"):
        candles.read_candles(*BTC)


def test_a_block_that_others_change_without_pause_is_given_up(store, candles, monkeypatch):
    monkeypatch.setattr(store, "compare_and_set", lambda *_: False)
    with pytest.raises(StoreUnavailable, match=r"2024-01 changed 50 times"):
        candles.write(candles_of(3))


def test_an_interval_that_is_not_stored_is_resampled_from_a_finer_one(candles):
    minutes = candles_of(1_000)
    candles.write(minutes)
    hours = resample(minutes, "1h")
    assert same(candles.read_base("BTC/USDT", "1h"), hours)
    start, stop = (int(hours.open_time_ms[row]) for row in (3, 9))
    assert same(candles.read_base("BTC/USDT", "1h", start, stop), hours.take(slice(3, 9)))
    assert same(candles.read_base("BTC/USDT", "1h", start + 1, stop + 1), hours.take(slice(4, 10)))


def test_a_bar_of_which_a_part_is_absent_is_left_out(candles):
    minutes = candles_of(240)
    candles.write(minutes.take(np.arange(240) != 70))
    assert same(candles.read_base("BTC/USDT", "1h"), resample(minutes, "1h").take(np.array([0, 2, 3])))


def test_the_interval_itself_wins_over_a_finer_one(candles):
    hours = candles_of(30, interval="1h", seed=5)
    candles.write(candles_of(600))
    candles.write(hours)
    assert same(candles.read_base("BTC/USDT", "1h", None, int(hours.open_time_ms[9])), hours.take(slice(9)))


def test_nothing_to_resample_from_is_empty(candles):
    candles.write(candles_of(30, interval="1h"))
    assert not len(candles.read_base("BTC/USDT", "1m"))
    assert not len(candles.read_base("ETH/USDT", "1h"))


WRITES = st.lists(
    st.tuples(st.integers(0, 120), st.integers(1, 60), st.integers(0, 3), st.sampled_from((1, 2, 7))),
    max_size=6,
)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(writes=WRITES, data=st.data())
def test_any_order_and_overlap_gives_the_union_with_the_last_values(shared_store, writes, data):
    candles = CandleStore(shared_store)
    for document in shared_store.find("candle_blocks", blobs=False):
        shared_store.delete("candle_blocks", document["_id"])
    expected = {}
    for start, count, seed, step in writes:
        table = candles_of(180, seed=seed, start="2024-01-31T22:30").take(slice(start, start + count, step))
        values = dict(zip(table.open_time_ms.tolist(), table.to_frame().to_numpy().tolist(), strict=True))
        revised = sum(time in expected and expected[time] != row for time, row in values.items())
        unchanged = sum(expected.get(time) == row for time, row in values.items())
        assert candles.write(table) == WriteReport(len(table) - revised - unchanged, unchanged, revised)
        expected |= values
    bounds = st.none() | st.integers(
        min(expected, default=0) - MINUTE_MS, max(expected, default=0) + MINUTE_MS
    )
    start_ms, stop_ms = data.draw(bounds), data.draw(bounds)
    found = candles.read_candles(*BTC, start_ms, stop_ms)
    assert found.to_frame().to_numpy().tolist() == [
        row
        for time, row in sorted(expected.items())
        if (start_ms is None or time >= start_ms) and (stop_ms is None or time < stop_ms)
    ]
