"""A market cut at a moment holds what was known then, and nothing else."""

import numpy as np
import pytest

from forecasting.candles import resample
from forecasting.events import Events
from forecasting.leakage.market import Market
from forecasting.types import DAY_MS, HOUR_MS
from tests.faults.leaks.markets import FIRST_MS, gappy_market

MOMENT_MS = FIRST_MS + 20 * DAY_MS + 5 * HOUR_MS


@pytest.fixture
def market():
    candles = gappy_market(1).candles
    times = np.arange(FIRST_MS, FIRST_MS + 40 * DAY_MS, HOUR_MS // 2)
    events = Events(
        times, np.zeros(len(times), np.int64), np.zeros(len(times), np.bool_), times[0], times[-1]
    )
    days = {symbol: resample(each, "1d") for symbol, each in candles.items()}
    return Market(candles, {"AAA/USDT": events}, {"1d": days})


def test_at_a_moment_closed_candles_and_longer_bars_are_known(market):
    known = market.known_at(MOMENT_MS)
    for before, after in zip(
        (*market.candles.values(), *market.higher["1d"].values()),
        (*known.candles.values(), *known.higher["1d"].values()),
        strict=True,
    ):
        closes = before.close_time_ms
        assert after.close_time_ms.tolist() == closes[closes <= MOMENT_MS].tolist()


def test_at_a_moment_events_strictly_before_it_are_known(market):
    events = market.known_at(MOMENT_MS).events["AAA/USDT"]
    assert events.timestamp_ms[-1] == MOMENT_MS - HOUR_MS // 2
    assert events.covered_until_ms == MOMENT_MS


def test_since_a_moment_candles_that_open_earlier_are_gone(market):
    for symbol, candles in market.since(MOMENT_MS).candles.items():
        opens = market.candles[symbol].open_time_ms
        assert candles.open_time_ms.tolist() == opens[opens >= MOMENT_MS].tolist()


def test_since_a_moment_the_longer_bar_around_it_is_kept(market):
    for symbol, days in market.since(MOMENT_MS).higher["1d"].items():
        closes = market.higher["1d"][symbol].close_time_ms
        assert days.close_time_ms.tolist() == closes[closes > MOMENT_MS].tolist()


def test_since_a_moment_no_earlier_event_is_known_or_said_to_be_covered(market):
    events = market.since(MOMENT_MS).events["AAA/USDT"]
    assert events.timestamp_ms[0] == events.covered_from_ms == MOMENT_MS


def test_a_market_knows_its_interval_and_span(market):
    assert (market.interval, market.step_ms) == ("1h", HOUR_MS)
    assert market.first_open_ms == min(each.open_time_ms[0] for each in market.candles.values())
    assert market.last_close_ms == max(each.close_time_ms[-1] for each in market.candles.values())


def test_a_symbol_without_candles_does_not_hide_the_span(market):
    empty = Market({**market.candles, "ZZZ/USDT": market.candles["AAA/USDT"].take(slice(0, 0))})
    assert empty.first_open_ms == market.first_open_ms
    assert empty.last_close_ms == market.last_close_ms
