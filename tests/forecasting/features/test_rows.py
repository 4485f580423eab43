from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from forecasting.features import rows
from forecasting.features.event import fill_event_features
from forecasting.features.market import MarketData
from forecasting.features.price import fill_price_features
from forecasting.features.rows import CHUNK_ROWS, feature_rows
from forecasting.features.table import latest_features
from tests.forecasting.features.markets import SPECS, same_bits, scattered_events, walk

SPEC = SPECS[0]


@pytest.fixture(scope="module")
def market():
    candles = walk(np.random.default_rng(5).random(3 * CHUNK_ROWS) < 0.98, 5, "1m")
    return candles, scattered_events(candles, 3000, 5)


def test_how_rows_are_cut_into_chunks_changes_no_bit(market, monkeypatch):
    whole = feature_rows(MarketData(*market), SPEC, 0, len(market[0]))
    monkeypatch.setattr(rows, "CHUNK_ROWS", 777)
    assert same_bits(feature_rows(MarketData(*market), SPEC, 0, len(market[0])), whole)


def test_rows_of_a_range_equal_those_of_the_whole(market):
    whole = feature_rows(MarketData(*market), SPEC, 0, len(market[0]))
    assert same_bits(feature_rows(MarketData(*market), SPEC, 5000, 5003), whole[5000:5003])


def test_four_threads_at_once_get_the_rows_that_one_gets(market):
    candles, events = market
    whole = feature_rows(MarketData(candles, events), SPEC, 0, len(candles))
    newest = int(candles.close_time_ms[-1])

    def ask(turn):
        if turn % 2:
            return same_bits(feature_rows(MarketData(candles, events), SPEC, 0, len(candles)), whole)
        answers = (latest_features(MarketData(candles, events), SPEC, newest)[1] for _ in range(50))
        return all(same_bits(answer, whole[-1]) for answer in answers)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(ask, range(16)))


def test_an_error_in_a_thread_reaches_the_caller(market, monkeypatch):
    def fail(*_):
        raise ArithmeticError

    monkeypatch.setattr(rows, "_fill_chunk", fail)
    with pytest.raises(ArithmeticError):
        feature_rows(MarketData(*market), SPEC, 0, len(market[0]))


def test_read_only_and_strided_columns_need_no_second_compilation(market):
    candles, events = market
    few = candles.take(slice(0, 200))
    expected = feature_rows(MarketData(few, events), SPEC, 0, 200)
    strided = replace(
        few,
        open_time_ms=np.repeat(few.open_time_ms, 2)[::2],
        close=np.repeat(few.close, 2)[::2],
    )
    strided.close.flags.writeable = False
    frozen = replace(events, timestamp_ms=np.repeat(events.timestamp_ms, 2)[::2])
    frozen.timestamp_ms.flags.writeable = False
    assert same_bits(feature_rows(MarketData(strided, frozen), SPEC, 0, 200), expected)
    assert len(fill_price_features.signatures) == len(fill_event_features.signatures) == 1


def test_the_candles_given_are_left_as_they_were(market):
    candles = market[0]
    before = candles.fingerprint()
    feature_rows(MarketData(*market), SPEC, 0, 500)
    assert candles.fingerprint() == before
