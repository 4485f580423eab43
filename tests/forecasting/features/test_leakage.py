"""A row knows nothing of what comes after it, and nothing of what lies before its declared history."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.candles import VALUE_COLUMNS
from forecasting.events import validate_events
from forecasting.features.market import MarketData
from forecasting.features.table import feature_table, latest_features
from tests.forecasting.features.markets import SPECS, markets, same_bits, scattered_events, walk

law = settings(max_examples=40, deadline=None)


@law
@given(markets())
def test_random_markets_keep_the_contract_of_events(market):
    _, events, _ = market
    assert events is None or validate_events(events) is events


@law
@given(markets(), st.data())
def test_a_row_is_the_same_with_and_without_later_rows(market, data):
    candles, events, spec = market
    whole = feature_table(MarketData(candles, events), spec)
    cut = data.draw(st.integers(1, len(candles)))
    earlier = events and events.before(int(whole.as_of_ms[cut - 1]))
    truncated = feature_table(MarketData(candles.take(slice(0, cut)), earlier), spec)
    assert same_bits(truncated.values, whole.values[:cut])
    assert same_bits(truncated.ready, whole.ready[:cut])


@law
@given(markets(), st.data(), st.sampled_from([1000.0, np.nan]))
def test_poison_in_later_candles_changes_no_bit_of_earlier_rows(market, data, factor):
    candles, events, spec = market
    cut = data.draw(st.integers(1, len(candles)))
    poison = np.where(np.arange(len(candles)) < cut, 1.0, factor)
    poisoned = replace(candles, **{name: getattr(candles, name) * poison for name in VALUE_COLUMNS})
    clean, dirty = (feature_table(MarketData(each, events), spec).values for each in (candles, poisoned))
    assert same_bits(dirty[:cut], clean[:cut])


@law
@given(markets(), st.data())
def test_events_at_or_after_the_moment_change_no_bit_of_its_row(market, data):
    candles, _, spec = market
    row = data.draw(st.integers(0, len(candles) - 1))
    now = int(candles.close_time_ms[row])
    events = replace(scattered_events(candles, 60, row), covered_until_ms=2**60)
    late = events.timestamp_ms >= now
    # Other publishers, other topics, and all of them in the very millisecond of the forecast.
    other = replace(
        events,
        timestamp_ms=np.where(late, now, events.timestamp_ms),
        source=np.where(late, 99, events.source),
        ai_related=events.ai_related ^ late,
    )
    with_one, with_other = (feature_table(MarketData(candles, each), spec).values for each in (events, other))
    assert same_bits(with_one[: row + 1], with_other[: row + 1])


@law
@given(markets())
def test_the_latest_row_equals_its_batch_row_bit_for_bit(market):
    candles, events, spec = market
    table = feature_table(MarketData(candles, events), spec)
    for row in np.flatnonzero(table.ready):
        as_of_ms, latest = latest_features(MarketData(candles, events), spec, int(table.as_of_ms[row]))
        assert as_of_ms == table.as_of_ms[row]
        assert same_bits(latest, table.values[row])


@law
@given(markets(), st.data())
def test_a_row_is_the_same_with_just_its_history_and_with_all(market, data):
    candles, events, spec = market
    table = feature_table(MarketData(candles, events), spec)
    row = data.draw(st.sampled_from(np.flatnonzero(table.ready).tolist()))
    now = int(table.as_of_ms[row])
    oldest = int(np.searchsorted(candles.open_time_ms, now - spec.history_ms, side="right")) - 1
    short = candles.take(slice(oldest, None))
    recent = events and replace(
        events,
        timestamp_ms=events.timestamp_ms[events.timestamp_ms >= now - spec.history_ms],
        source=events.source[events.timestamp_ms >= now - spec.history_ms],
        ai_related=events.ai_related[events.timestamp_ms >= now - spec.history_ms],
        covered_from_ms=max(events.covered_from_ms, now - spec.history_ms),
    )
    assert same_bits(latest_features(MarketData(short, recent), spec, now)[1], table.values[row])


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.base_interval)
def test_one_and_four_times_the_history_give_the_same_row(spec):
    candles = walk(np.ones(6 * spec.history_bars, dtype=bool), 3, spec.base_interval)
    now = int(candles.close_time_ms[-1])
    once, four = (
        latest_features(MarketData(candles.between(now - times * spec.history_ms, None)), spec, now)[1]
        for times in (1, 4)
    )
    assert same_bits(once, four)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.base_interval)
def test_the_row_right_after_a_gap_equals_its_batch_row(spec):
    present = np.ones(spec.history_bars + 60, dtype=bool)
    present[-10:-4] = False
    candles = walk(present, 4, spec.base_interval)
    table = feature_table(MarketData(candles, scattered_events(candles, 50, 4)), spec)
    for row in (-5, -4, -3):
        now = int(table.as_of_ms[row])
        latest = latest_features(MarketData(candles, scattered_events(candles, 50, 4)), spec, now)[1]
        assert same_bits(latest, table.values[row])


@pytest.mark.parametrize("spec", SPECS[:2], ids=lambda spec: spec.base_interval)
def test_the_rows_around_midnight_equal_their_batch_rows(spec):
    candles = walk(np.ones(21 + 48 * 60, dtype=bool), 5, spec.base_interval)
    table = feature_table(MarketData(candles), spec)
    midnights = np.flatnonzero(table.ready & (table.as_of_ms % 86_400_000 == 0))
    assert len(midnights)
    for row in (midnights[:, None] + (-1, 0, 1)).ravel():
        assert same_bits(
            latest_features(MarketData(candles), spec, int(table.as_of_ms[row]))[1], table.values[row]
        )


def test_the_candle_that_is_still_open_is_not_used():
    spec = SPECS[1]
    candles = walk(np.ones(120, dtype=bool), 6)
    now = int(candles.close_time_ms[100])
    for later in (0, 1, candles.interval_ms - 1):
        as_of_ms, row = latest_features(MarketData(candles), spec, now + later)
        assert as_of_ms == now
        assert same_bits(row, latest_features(MarketData(candles.closed_by(now)), spec, now)[1])
    assert (
        latest_features(MarketData(candles), spec, now + candles.interval_ms)[0] == now + candles.interval_ms
    )


@law
@given(markets())
def test_a_return_is_missing_exactly_when_the_candle_at_its_start_is_absent(market):
    candles, _, spec = market
    values = feature_table(MarketData(candles), spec).values
    for bars in spec.periods:
        there = np.isin(candles.open_time_ms - bars * spec.step_ms, candles.open_time_ms)
        column = spec.names.index(spec.return_name(bars))
        np.testing.assert_array_equal(np.isfinite(values[:, column]), there)
