import numpy as np
import pytest
from hypothesis import given, settings

from forecasting.candles import Candles
from forecasting.errors import InvalidCandles, NotEnoughHistory
from forecasting.features.market import MarketData
from forecasting.features.table import feature_table, latest_features
from forecasting.types import utc_iso
from tests.forecasting.features.markets import SPECS, markets, same_bits, scattered_events, walk
from tests.oracles.pandas_features import pandas_features

HOURS = SPECS[1]


@settings(max_examples=25, deadline=None)
@given(markets())
def test_the_table_equals_the_plain_pandas_version(market):
    candles, events, spec = market
    expected = pandas_features(candles, events, spec)
    table = feature_table(MarketData(candles, events), spec)
    assert table.names == tuple(expected.columns)
    np.testing.assert_array_equal(table.as_of_ms, expected.index)
    np.testing.assert_allclose(table.values, expected.to_numpy(), rtol=1e-9, atol=1e-12)


def test_a_table_of_many_chunks_equals_the_plain_pandas_version():
    present = np.random.default_rng(8).random(20_000) < 0.97
    present[9_000:9_500] = False
    candles = walk(present, 8, "1m")
    events = scattered_events(candles, 4_000, 8)
    values = feature_table(MarketData(candles, events), SPECS[0]).values
    expected = pandas_features(candles, events, SPECS[0]).to_numpy()
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)


def test_as_of_is_the_close_time_of_each_candle():
    candles = walk(np.arange(60) % 7 > 0, 1)
    np.testing.assert_array_equal(feature_table(MarketData(candles), HOURS).as_of_ms, candles.close_time_ms)


def test_bounds_choose_rows_without_changing_them():
    candles = walk(np.arange(300) % 13 > 0, 1)
    events = scattered_events(candles, 90, 1)
    whole = feature_table(MarketData(candles, events), HOURS)
    start_ms, stop_ms = int(whole.as_of_ms[100]), int(whole.as_of_ms[200])
    part = feature_table(MarketData(candles, events), HOURS, start_ms, stop_ms)
    assert same_bits(part.values, whole.values[100:200])
    assert same_bits(part.ready, whole.ready[100:200])
    assert same_bits(part.as_of_ms, whole.as_of_ms[100:200])


@pytest.mark.parametrize("bounds", [(2**50, None), (None, 0), (2**50, 0)])
def test_bounds_outside_the_candles_give_no_rows(bounds):
    table = feature_table(MarketData(walk(np.ones(80, dtype=bool), 1)), HOURS, *bounds)
    assert table.values.shape == (0, len(HOURS.names))
    assert len(table.as_of_ms) == len(table.ready) == 0


def test_no_candles_give_no_rows():
    table = feature_table(MarketData(Candles.empty("BTC/USDT", "1h")), HOURS)
    assert table.values.shape == (0, len(HOURS.names))
    assert len(table.ready) == 0


def test_rows_are_ready_once_the_candles_span_the_history():
    ready = feature_table(MarketData(walk(np.ones(100, dtype=bool), 1)), HOURS).ready
    np.testing.assert_array_equal(ready, np.arange(1, 101) >= HOURS.history_bars)


def test_a_gap_inside_the_history_leaves_a_row_ready():
    present = np.ones(100, dtype=bool)
    present[50:60] = False
    assert feature_table(MarketData(walk(present, 1)), HOURS).ready[-1]


def test_the_first_ready_row_has_every_price_feature():
    table = feature_table(MarketData(walk(np.ones(100, dtype=bool), 1)), HOURS)
    first = int(np.argmax(table.ready))
    prices = len(HOURS.price_names)
    assert np.isfinite(table.values[first, :prices]).all()
    assert not np.isfinite(table.values[first - 1, :prices]).all()


def test_values_are_ordered_by_row():
    assert feature_table(MarketData(walk(np.ones(80, dtype=bool), 1)), HOURS).values.flags.c_contiguous


@pytest.mark.parametrize("symbol", ["ADA/USDT", "BTC/USDT", "ETH/USDT", "XRP/USDT"])
def test_the_one_hot_columns_name_the_symbol_and_an_unknown_one_has_zeros(symbol):
    days = SPECS[2]
    table = feature_table(MarketData(walk(np.ones(40, dtype=bool), 1, "1d", symbol)), days)
    expected = [float(each == symbol) for each in days.symbols]
    np.testing.assert_array_equal(table.values[:, -3:], np.tile(expected, (40, 1)))


def test_candles_of_another_interval_are_refused():
    candles = walk(np.ones(80, dtype=bool), 1, "1m")
    with pytest.raises(InvalidCandles, match="made of 1h candles, those given are of 1m: resample them"):
        feature_table(MarketData(candles), HOURS)
    with pytest.raises(InvalidCandles, match="resample"):
        latest_features(MarketData(candles), HOURS, 2**50)


def test_too_short_a_history_is_refused_with_both_counts():
    candles = walk(np.ones(72, dtype=bool), 1)
    now = int(candles.close_time_ms[-1])
    message = f"BTC/USDT: 73 closed candles of 1h are needed before {utc_iso(now)}, 72 were given"
    with pytest.raises(NotEnoughHistory, match=message):
        latest_features(MarketData(candles), HOURS, now)


def test_a_moment_before_the_first_close_is_refused():
    candles = walk(np.ones(100, dtype=bool), 1)
    with pytest.raises(NotEnoughHistory, match="0 were given"):
        latest_features(MarketData(candles), HOURS, int(candles.open_time_ms[0]))


def test_exactly_the_history_is_enough():
    candles = walk(np.ones(73, dtype=bool), 1)
    now = int(candles.close_time_ms[-1])
    assert latest_features(MarketData(candles), HOURS, now)[0] == now
