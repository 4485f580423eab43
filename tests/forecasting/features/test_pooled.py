import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import InvalidSettings, NotEnoughHistory
from forecasting.features.market import MarketData, markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import FeatureSpec, feature_spec
from forecasting.features.table import feature_table
from forecasting.features.volatility import ewma_volatility
from forecasting.horizons import load_horizons
from forecasting.types import DAY_MS
from tests.forecasting.features.markets import presences, same_bits, scattered_events, walk

WEEK = load_horizons()["7d"]
SPEC = feature_spec(WEEK, ("BTC/USDT", "ETH/USDT"))


def market(bars=120, btc=1, eth=2):
    whole = np.ones(bars, dtype=bool)
    return {"ETH/USDT": walk(whole, eth, "1d", "ETH/USDT"), "BTC/USDT": walk(whole, btc, "1d", "BTC/USDT")}


def test_rows_are_ordered_by_moment_and_then_by_symbol():
    dataset = build_dataset(markets_of(market()), WEEK, SPEC)
    assert dataset.symbols == ("BTC/USDT", "ETH/USDT")
    assert np.all(np.diff(dataset.as_of_ms * 10 + dataset.symbol) > 0)


def test_each_row_is_the_feature_row_of_its_symbol_and_moment():
    candles = market()
    events = {symbol: scattered_events(each, 60, 1) for symbol, each in candles.items()}
    dataset = build_dataset(markets_of(candles, events), WEEK, SPEC)
    for number, symbol in enumerate(dataset.symbols):
        table = feature_table(MarketData(candles[symbol], events[symbol]), SPEC)
        rows = dataset.symbol == number
        kept = np.isin(table.as_of_ms, dataset.as_of_ms[rows])
        assert same_bits(dataset.X[rows], table.values[kept])


@settings(max_examples=30, deadline=None)
@given(presences(), st.integers(0, 1000))
def test_each_label_is_the_return_from_its_moment_to_its_end(present, seed):
    candles = walk(present, seed, "1d")
    close = dict(zip(candles.close_time_ms.tolist(), candles.close.tolist(), strict=True))
    dataset = build_dataset(markets_of({"BTC/USDT": candles}), WEEK, SPEC)
    expected = [
        close[end] / close[start] - 1
        for start, end in zip(dataset.as_of_ms.tolist(), dataset.label_end_ms.tolist(), strict=True)
    ]
    np.testing.assert_array_equal(dataset.y, expected)
    np.testing.assert_array_equal(dataset.label_end_ms - dataset.as_of_ms, 7 * DAY_MS)
    ready = candles.close_time_ms - candles.open_time_ms[0] >= SPEC.history_ms
    assert len(dataset) == sum(
        moment + 7 * DAY_MS in close for moment in candles.close_time_ms[ready].tolist()
    )


def test_bounds_take_rows_from_start_to_before_stop():
    whole = build_dataset(markets_of(market()), WEEK, SPEC)
    start_ms, stop_ms = int(whole.as_of_ms[20]), int(whole.as_of_ms[60])
    part = build_dataset(markets_of(market()), WEEK, SPEC, start_ms, stop_ms)
    inside = (whole.as_of_ms >= start_ms) & (whole.as_of_ms < stop_ms)
    assert part.fingerprint() == whole.take(inside).fingerprint()


def test_the_same_candles_give_the_same_rows_under_other_one_hot_columns():
    other = feature_spec(WEEK, ("ETH/USDT",))
    one, two = (build_dataset(markets_of(market()), WEEK, spec) for spec in (SPEC, other))
    assert same_bits(one.as_of_ms, two.as_of_ms)
    assert same_bits(one.symbol, two.symbol)
    assert same_bits(one.y, two.y)


def test_a_symbol_without_events_has_them_missing():
    candles = market()
    events = {"BTC/USDT": scattered_events(candles["BTC/USDT"], 200, 1)}
    dataset = build_dataset(markets_of(candles, events), WEEK, SPEC)
    counted = np.isfinite(dataset.X[:, SPEC.names.index("events_1d")])
    assert counted[dataset.symbol == 0].any()
    assert not counted[dataset.symbol == 1].any()


def test_a_symbol_that_is_too_short_leaves_the_rows_of_the_others():
    candles = market() | {"ADA/USDT": walk(np.ones(20, dtype=bool), 3, "1d", "ADA/USDT")}
    dataset = build_dataset(markets_of(candles), WEEK, SPEC)
    assert set(dataset.symbol.tolist()) == {1, 2}


def test_without_a_single_row_the_need_and_what_was_given_are_named():
    with pytest.raises(
        NotEnoughHistory, match=r"31 candles of 1d behind it and 7 ahead; .* 37 of BTC/USDT, 37 of ETH"
    ):
        build_dataset(markets_of(market(37)), WEEK, SPEC)
    assert len(build_dataset(markets_of(market(38)), WEEK, SPEC)) == 2


def test_without_candles_at_all_nothing_can_be_built():
    with pytest.raises(NotEnoughHistory, match="candles given: none"):
        build_dataset(markets_of({}), WEEK, SPEC)


def test_features_of_another_interval_than_the_horizon_are_refused():
    with pytest.raises(InvalidSettings, match="of 1d candles, the features of 1h candles"):
        build_dataset(markets_of(market()), WEEK, FeatureSpec("1h", (), (1,)))


def test_pooling_takes_hardly_more_memory_than_the_result():
    candles = {
        f"S{number}/SIM": walk(np.ones(4_000, dtype=bool), number, "1d", f"S{number}/SIM")
        for number in range(20)
    }
    build_dataset(markets_of(candles), WEEK, SPEC)
    tracemalloc.start()
    try:
        dataset = build_dataset(markets_of(candles), WEEK, SPEC)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(dataset) == 20 * (4_000 - SPEC.history_bars + 1 - 7)
    assert peak < 1.4 * dataset.X.nbytes


def test_each_row_tells_the_volatility_of_its_symbol_and_moment_however_much_lies_before_it():
    candles = market()
    dataset = build_dataset(markets_of(candles), WEEK, SPEC)
    shorter = {symbol: each.take(slice(40, None)) for symbol, each in candles.items()}
    later = build_dataset(markets_of(shorter), WEEK, SPEC)
    for number, symbol in enumerate(dataset.symbols):
        own = dataset.symbol == number
        place = np.searchsorted(candles[symbol].close_time_ms, dataset.as_of_ms[own])
        assert same_bits(dataset.volatility[own], ewma_volatility(candles[symbol])[place])
        assert same_bits(
            later.volatility[later.symbol == number], dataset.volatility[own][-len(later) // 2 :]
        )
    assert np.isfinite(dataset.volatility).all()
