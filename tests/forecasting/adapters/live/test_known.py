"""Candles by the moment at which they were known."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.live.known import KnownCandles
from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.candles import Candles
from forecasting.types import HOUR_MS, MINUTE_MS, parse_utc

FIRST_MS = parse_utc("2025-01-01")
HOURS = 48


def hourly(first=0, rows=HOURS, price=100.0, step_ms=HOUR_MS, interval="1h"):
    times = FIRST_MS + step_ms * np.arange(first, first + rows, dtype=np.int64)
    prices = np.full(rows, price) + np.arange(first, first + rows)
    return Candles("AAA/USDT", interval, times, prices, prices, prices, prices, np.ones(rows))


def same(one, other):
    return one.fingerprint() == other.fingerprint()


@pytest.fixture
def store(tmp_path):
    opened = open_store(None, tmp_path / "store.db", "unused")
    yield CandleStore(opened)
    opened.close()


def close_ms(hour):
    return FIRST_MS + (hour + 1) * HOUR_MS


def test_a_candle_of_a_file_is_known_once_it_is_closed():
    candles = hourly()
    known = KnownCandles.as_closed([candles])
    for moment in (close_ms(9), close_ms(10) - 1):
        assert same(known.read_candles("AAA/USDT", "1h", as_of_ms=moment), candles.take(slice(0, 10)))
    assert known.series(FIRST_MS) == []
    assert known.series(close_ms(4))[0].rows == 5


def test_history_of_a_store_counts_as_known_when_it_was_closed(store):
    store.write(hourly(), received_ms=close_ms(HOURS + 900))
    known = KnownCandles.as_received(store)
    assert same(
        known.read_candles("AAA/USDT", "1h", as_of_ms=close_ms(20)),
        store.read_candles("AAA/USDT", "1h").take(slice(0, 21)),
    )


def test_what_closed_after_the_first_receipt_is_known_from_its_own(store):
    store.write(hourly(rows=24), received_ms=close_ms(23))
    store.write(hourly(24, 6), received_ms=close_ms(35))
    known = KnownCandles.as_received(store)
    assert len(known.read_candles("AAA/USDT", "1h", as_of_ms=close_ms(34))) == 24
    assert len(known.read_candles("AAA/USDT", "1h", as_of_ms=close_ms(35))) == 30


def test_a_revision_is_known_from_its_receipt(store):
    store.write(hourly(rows=24), received_ms=close_ms(30))
    revised = replace(hourly(5, 1), volume=np.array([9.0]))
    store.write(revised, received_ms=close_ms(40))
    known = KnownCandles.as_received(store)

    def volume(moment):
        return known.read_candles("AAA/USDT", "1h", as_of_ms=moment).volume[5]

    assert (volume(close_ms(10)), volume(close_ms(40) - 1), volume(close_ms(40))) == (1.0, 1.0, 9.0)
    assert known.read_candles("AAA/USDT", "1h").volume[5] == 9.0


@pytest.mark.parametrize("hour", [0, 7, 24, 29, 30, 47])
def test_it_reads_what_the_store_reads_as_of_a_moment(store, hour):
    """Of candles that were received as they closed."""
    for number in range(HOURS):
        store.write(hourly(number, 1), received_ms=close_ms(number) + MINUTE_MS)
    known, moment = KnownCandles.as_received(store), close_ms(hour) + 2 * MINUTE_MS
    for interval in ("1h", "2h", "1d"):
        span = (FIRST_MS + 3 * HOUR_MS, FIRST_MS + 40 * HOUR_MS, moment)
        assert same(
            known.read_base("AAA/USDT", interval, *span), store.read_base("AAA/USDT", interval, *span)
        )


def test_a_resampled_candle_is_known_with_its_last_part(store):
    store.write(hourly(rows=2), received_ms=close_ms(1))
    store.write(hourly(2, 1), received_ms=close_ms(9))
    store.write(hourly(3, 1), received_ms=close_ms(5))
    known = KnownCandles.as_received(store)
    two_hourly = known.read_base("AAA/USDT", "2h")
    assert known.first_known_ms(two_hourly).tolist() == [close_ms(1), close_ms(9)]
    hours = known.read_base("AAA/USDT", "1h")
    assert known.first_known_ms(hours).tolist() == [close_ms(0), close_ms(1), close_ms(9), close_ms(5)]


def test_of_an_unknown_series_nothing_is_known():
    known = KnownCandles.as_closed([hourly()])
    assert len(known.read_base("BBB/USDT", "1h", as_of_ms=close_ms(5))) == 0
    assert len(known.read_candles("AAA/USDT", "1m")) == 0
    assert list(known.all_known(FIRST_MS)) == []
