"""The extended, cross and higher sets against slow clear versions, and the laws that hold for them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.candles import PRICE_COLUMNS, VALUE_COLUMNS
from forecasting.features.definitions.higher import higher_intervals
from forecasting.features.market import MarketData
from forecasting.features.specification import FeatureSpec
from forecasting.features.table import feature_table, latest_features
from tests.forecasting.features.markets import (
    RICH_SPECS,
    rich_market,
    rich_markets,
    same_bits,
    scattered_events,
    walk,
)
from tests.oracles.pandas_extended import pandas_extended, pandas_higher
from tests.oracles.pandas_features import pandas_features

law = settings(max_examples=12, deadline=None)
OF_MONEY = ("log_volume", "amihud")


def columns_of(spec, *groups):
    return [place for place, each in enumerate(spec.definitions) if each.group in groups]


@settings(max_examples=6, deadline=None)
@given(rich_markets())
def test_every_column_equals_the_plain_pandas_version(case):
    market, spec = case
    higher = [pandas_higher(market.candles, interval) for interval in higher_intervals(spec.base_interval)]
    base = pandas_features(market.candles, market.events, replace(spec, feature_sets=("base",)))
    expected = base.join([pandas_extended(market, spec), *higher])
    table = feature_table(market, spec)
    assert set(table.names) == set(expected.columns)
    for name, values in zip(table.names, table.values.T, strict=True):
        np.testing.assert_allclose(values, expected[name], rtol=1e-9, atol=1e-11, err_msg=name)


def test_every_column_of_the_rich_market_has_values():
    spec = RICH_SPECS[0]
    values = feature_table(rich_market(spec, 1, np.ones(900, dtype=bool)), spec).values
    alike = {f"symbol_{symbol}" for symbol in spec.symbols}
    spread = np.nanmax(values, axis=0) > np.nanmin(values, axis=0)
    assert {name for name, varies in zip(spec.names, spread, strict=True) if not varies} == alike


@law
@given(rich_markets(), st.data())
def test_the_latest_row_equals_its_batch_row_bit_for_bit(case, data):
    market, spec = case
    table = feature_table(market, spec)
    ready = np.flatnonzero(table.ready)
    for row in data.draw(st.lists(st.sampled_from(ready.tolist()), min_size=1, max_size=12)):
        as_of_ms, latest = latest_features(market, spec, int(table.as_of_ms[row]))
        assert as_of_ms == table.as_of_ms[row]
        assert same_bits(latest, table.values[row])


@law
@given(rich_markets(), st.data())
def test_a_row_is_the_same_with_and_without_later_rows(case, data):
    market, spec = case
    whole = feature_table(market, spec)
    cut = data.draw(st.integers(len(whole.as_of_ms) - 90, len(whole.as_of_ms)))
    known = market.closed_by(int(whole.as_of_ms[cut - 1]))
    assert same_bits(feature_table(known, spec).values, whole.values[:cut])


@law
@given(rich_markets(), st.data(), st.sampled_from([1000.0, np.nan]))
def test_poison_in_later_candles_of_all_symbols_changes_no_bit(case, data, factor):
    market, spec = case
    clean = feature_table(market, spec)
    cut = data.draw(st.integers(len(clean.as_of_ms) - 90, len(clean.as_of_ms)))
    moment_ms = int(clean.as_of_ms[cut - 1])

    def poisoned(candles):
        poison = np.where(candles.close_time_ms <= moment_ms, 1.0, factor)
        return replace(candles, **{name: getattr(candles, name) * poison for name in VALUE_COLUMNS})

    others = {symbol: poisoned(candles) for symbol, candles in market.others.items()}
    dirty = feature_table(MarketData(poisoned(market.candles), market.events, others), spec)
    assert same_bits(dirty.values[:cut], clean.values[:cut])


@law
@given(rich_markets(), st.data())
def test_a_row_is_the_same_with_just_its_history_and_with_all(case, data):
    market, spec = case
    table = feature_table(market, spec)
    row = data.draw(st.sampled_from(np.flatnonzero(table.ready).tolist()))
    now = int(table.as_of_ms[row])
    # The candle that stands at the edge or, where it is absent, the one before it.
    oldest = int(np.searchsorted(market.candles.open_time_ms, now - spec.history_ms, side="right")) - 1
    others = {name: each.between(now - spec.others_ms, None) for name, each in market.others.items()}
    short = MarketData(market.candles.take(slice(oldest, None)), market.events, others)
    assert same_bits(latest_features(short, spec, now)[1], table.values[row])


@law
@given(rich_markets(), st.integers(-3, 3))
def test_prices_in_another_unit_change_only_what_is_counted_in_money(case, power):
    market, spec = case
    kept = [place for place, name in enumerate(spec.names) if not name.startswith(OF_MONEY)]

    def scaled(candles):
        return replace(candles, **{name: getattr(candles, name) * 4.0**power for name in PRICE_COLUMNS})

    others = {symbol: scaled(candles) for symbol, candles in market.others.items()}
    one = feature_table(market, spec).values[:, kept]
    assert same_bits(
        feature_table(MarketData(scaled(market.candles), market.events, others), spec).values[:, kept], one
    )


@law
@given(rich_markets())
def test_no_value_is_infinite(case):
    market, spec = case
    assert not np.isinf(feature_table(market, spec).values).any()


def test_an_absent_candle_leaves_strict_windows_missing_for_as_long_as_they_reach():
    spec = replace(RICH_SPECS[0], feature_sets=("base", "extended"))
    present = np.ones(300, dtype=bool)
    present[150] = False
    market = rich_market(spec, 3, present)
    values = feature_table(market, spec).values
    for place in columns_of(spec, "extended"):
        each = spec.definitions[place]
        if each.bars == 1 or each.name.startswith("regime"):
            continue
        missing = np.isnan(values[:, place])
        assert missing[150 : 150 + each.bars - 1].all(), each.name
        assert not missing[150 + each.bars - 1 :].any(), each.name


def test_the_first_row_with_enough_candles_has_the_value_and_the_one_before_has_not():
    spec = replace(RICH_SPECS[0], feature_sets=("base", "extended"))
    values = feature_table(rich_market(spec, 4, np.ones(300, dtype=bool)), spec).values
    for place in columns_of(spec, "extended"):
        each = spec.definitions[place]
        if each.name.startswith("regime"):
            continue
        assert np.isnan(values[: each.bars - 1, place]).all(), each.name
        assert np.isfinite(values[each.bars - 1, place]), each.name


def test_a_flat_market_has_no_infinite_and_no_made_up_signal():
    spec = FeatureSpec("1h", ("ETH/USDT",), (1,), ("base", "extended"))
    candles = walk(np.ones(200, dtype=bool), 1, symbol="ETH/USDT")
    flat = replace(candles, **dict.fromkeys(PRICE_COLUMNS, np.full(200, 7.3)), volume=np.zeros(200))
    row = dict(zip(spec.names, latest_features(MarketData(flat), spec, 2**50)[1], strict=True))
    assert all(np.isnan(row[name]) for name in ("rsi_14h", "bollinger_20h", "close_place_1h", "amihud_30h"))
    assert row["parkinson_30h"] == row["regime_score_30h"] == row["drawdown_30h"] == 0.0
    assert not np.isinf(list(row.values())).any()


class TestHigherBars:
    SPEC = FeatureSpec("15m", ("BTC/USDT",), (1, 3), ("base", "higher"))

    @pytest.fixture
    def candles(self):
        return walk(np.ones(40 * 96, dtype=bool), 5, "15m")

    def returns(self, candles):
        table = feature_table(MarketData(candles), self.SPEC)
        return table.as_of_ms, table.values[:, table.names.index("on_1h_return_1h")]

    def test_a_bar_is_known_at_the_very_moment_of_its_close_and_until_the_next(self, candles):
        as_of_ms, returns = self.returns(candles)
        closes = np.flatnonzero(as_of_ms % 3_600_000 == 0)[1:-1]
        for row in closes[1:50]:
            expected = candles.close[row] / candles.close[row - 4] - 1
            assert (returns[row : row + 4] == expected).all()
            assert returns[row - 1] != expected

    def test_a_bar_that_lacks_a_part_is_missing_until_the_next_closes(self, candles):
        times = candles.close_time_ms
        hour = int(np.flatnonzero(times % 3_600_000 == 0)[30])
        as_of_ms, returns = self.returns(candles.take(np.arange(len(candles)) != hour - 2))
        missing = as_of_ms[np.isnan(returns) & (as_of_ms > times[50])]
        # The hour itself, and the next one, whose return would begin at it.
        assert missing.tolist() == times[hour : hour + 8].tolist()

    def test_minutes_have_hours_and_days_hours_have_days_days_have_none(self):
        names = {
            interval: {name.split("_")[1] for name in names if name.startswith("on_")}
            for interval in ("1m", "1h", "1d")
            for names in [FeatureSpec(interval, (), (1,), ("base", "higher")).names]
        }
        assert names == {"1m": {"1h", "1d"}, "1h": {"1d"}, "1d": set()}


def test_the_row_of_bitcoin_has_its_own_return_and_no_rank_alone():
    spec = FeatureSpec("1h", ("BTC/USDT",), (1, 7), ("base", "extended"))
    candles = walk(np.ones(200, dtype=bool), 1)
    row = dict(zip(spec.names, latest_features(MarketData(candles), spec, 2**50)[1], strict=True))
    assert row["btc_return_7h"] == row["return_7h"]
    assert np.isnan(row["return_rank_7h"])


def test_symbols_that_training_did_not_see_count_in_no_rank():
    spec = RICH_SPECS[1]
    market = rich_market(spec, 2, np.ones(330, dtype=bool))
    fewer = {symbol: market.others[symbol] for symbol in ("BTC/USDT",)}
    with_all, with_known = (
        feature_table(MarketData(market.candles, market.events, others), spec).values
        for others in (market.others, fewer)
    )
    assert same_bits(with_all, with_known)


def test_events_look_back_no_further_with_more_sets():
    wide = FeatureSpec("1h", ("BTC/USDT",), (1, 7), ("base", "extended", "higher"))
    narrow = replace(wide, feature_sets=("base",))
    candles = walk(np.ones(900, dtype=bool), 8)
    market = MarketData(candles, scattered_events(candles, 12, 8))
    width = len(narrow.names)
    assert same_bits(
        np.ascontiguousarray(feature_table(market, wide).values[:, :width]),
        feature_table(market, narrow).values,
    )


def test_other_symbols_without_candles_are_as_good_as_absent():
    spec = RICH_SPECS[1]
    market = rich_market(spec, 2, np.ones(330, dtype=bool))
    later = market.others["BTC/USDT"].between(2**50, None)
    empty = MarketData(market.candles, market.events, {"BTC/USDT": later})
    none = MarketData(market.candles, market.events)
    assert same_bits(feature_table(empty, spec).values, feature_table(none, spec).values)
    assert same_bits(latest_features(empty, spec, 2**50)[1], latest_features(none, spec, 2**50)[1])
    cross = feature_table(none, spec).values[:, columns_of(spec, "cross")]
    assert np.isnan(cross).all()
