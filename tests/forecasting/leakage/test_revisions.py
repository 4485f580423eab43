"""Rows are held against those that could have been computed when they were needed."""

from dataclasses import replace

from forecasting.features.table import FeatureTable
from forecasting.leakage.market import FeatureSet
from forecasting.leakage.revisions import check_revisions
from forecasting.types import HOUR_MS
from tests.faults.leaks.markets import gappy_market

THEN = gappy_market(6)
SYMBOL = "AAA/USDT"
ROW = 300


def closes(market, _):
    return {
        symbol: FeatureTable(symbol, ("close",), each.close_time_ms, each.close[:, None], each.close > 0)
        for symbol, each in market.candles.items()
    }


FEATURES = FeatureSet("closes", closes, HOUR_MS)


def changed(candles):
    close = candles.close.copy()
    close[ROW] *= 1.0001
    return replace(THEN, candles={**THEN.candles, SYMBOL: replace(candles, close=close)})


def test_candles_that_were_only_added_to_are_clean():
    moment = int(THEN.candles[SYMBOL].close_time_ms[ROW])
    result = check_revisions(FEATURES, THEN, {moment: THEN.known_at(moment)})
    assert result.passed
    assert result.rows == sum(len(each) for each in THEN.known_at(moment).candles.values())


def test_a_revised_candle_is_named_with_both_values():
    candles = THEN.candles[SYMBOL]
    result = check_revisions(FEATURES, changed(candles), {THEN.last_close_ms: THEN})
    (leak,) = result.leaks
    assert (leak.feature, leak.symbol, leak.as_of_ms) == ("close", SYMBOL, candles.close_time_ms[ROW])
    assert leak.without_future == candles.close[ROW]
    assert leak.with_future == candles.close[ROW] * 1.0001


def test_a_candle_revised_after_the_moment_of_the_read_does_not_count():
    moment = int(THEN.candles[SYMBOL].close_time_ms[ROW - 1])
    result = check_revisions(FEATURES, changed(THEN.candles[SYMBOL]), {moment: THEN.known_at(moment)})
    assert result.passed


def test_rows_from_before_candles_were_received_are_not_held_against_each_other():
    candles = THEN.candles[SYMBOL]
    later = int(candles.close_time_ms[ROW]) + HOUR_MS
    result = check_revisions(FEATURES, changed(candles), {THEN.last_close_ms: THEN}, later)
    assert result.passed
    assert 0 < result.rows < sum(len(each) for each in THEN.candles.values())


def test_no_read_proves_nothing():
    assert not check_revisions(FEATURES, THEN, {}).passed
