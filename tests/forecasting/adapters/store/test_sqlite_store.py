"""The embedded engine keeps what it acknowledged, and candles are the same whatever order they came in."""

from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore, WriteReport
from forecasting.candles import CANDLE_COLUMNS, Candles
from forecasting.errors import StoreUnavailable
from forecasting.types import MINUTE_MS


@pytest.fixture
def store(tmp_path):
    opened = open_store(None, tmp_path / "store.db", "unused")
    yield opened
    opened.close()


def minutes(count, first=28_000_000):
    prices = np.random.default_rng(3).uniform(1, 2, count)
    opens = (first + np.arange(count)) * MINUTE_MS
    return Candles("BTC/USDT", "1m", opens, prices, prices, prices, prices, prices)


def test_candles_written_again_change_nothing(store):
    candles = minutes(100_000)
    assert CandleStore(store).write(candles) == WriteReport(added=100_000)
    assert CandleStore(store).write(candles) == WriteReport(unchanged=100_000)
    assert CandleStore(store).read("BTC/USDT", "1m").fingerprint() == candles.fingerprint()


def test_later_parts_first_give_the_same_candles(store):
    candles = minutes(10_000)
    for start in range(9_000, -1, -1_000):
        CandleStore(store).write(candles.take(slice(start, start + 1_000)))
    assert CandleStore(store).read("BTC/USDT", "1m").fingerprint() == candles.fingerprint()


def test_other_values_replace_the_old_and_are_counted(store):
    candles = minutes(10)
    CandleStore(store).write(candles)
    revised = replace(candles, volume=candles.volume + (np.arange(10) == 4))
    assert CandleStore(store).write(revised) == WriteReport(unchanged=9, revised=1)
    assert CandleStore(store).read("BTC/USDT", "1m").fingerprint() == revised.fingerprint()


@pytest.mark.parametrize(("start", "stop"), [(0, 5), (40_000, 60_000), (99_999, None), (None, 7)])
def test_a_span_is_what_a_cut_of_everything_gives(store, start, stop):
    candles = minutes(100_000)
    CandleStore(store).write(candles)
    times = [None if row is None else int(candles.open_time_ms[row]) for row in (start, stop)]
    found = CandleStore(store).read("BTC/USDT", "1m", *times)
    for name in CANDLE_COLUMNS:
        np.testing.assert_array_equal(getattr(found, name), getattr(candles.take(slice(start, stop)), name))


def test_a_damaged_block_is_named_and_not_parsed(store):
    CandleStore(store).write(minutes(10))
    (document,) = store.find("candle_blocks")
    store.put("candle_blocks", {**document, "payload": document["payload"][:-1] + b"x"})
    with pytest.raises(StoreUnavailable, match=r"BTC/USDT 1m .* damaged"):
        CandleStore(store).read("BTC/USDT", "1m")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**63, b"bytes", object()])
def test_what_not_every_engine_can_keep_is_refused(store, value):
    with pytest.raises(ValueError, match=r"settings\.value"):
        store.put("settings", {"_id": "a", "value": value})
    assert store.get("settings", "a") is None


def test_of_two_writers_of_one_version_one_wins(store):
    assert store.compare_and_set("settings", {"_id": "a", "version": 1}, None)
    assert not store.compare_and_set("settings", {"_id": "a", "version": 9}, None)
    assert store.compare_and_set("settings", {"_id": "a", "version": 2}, 1)
    assert not store.compare_and_set("settings", {"_id": "a", "version": 3}, 1)
    assert store.get("settings", "a") == {"_id": "a", "version": 2}


def test_a_store_that_cannot_be_opened_says_so_in_one_line(tmp_path):
    (tmp_path / "store.db").write_bytes(b"this is no database, it only has its name" * 100)
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        open_store(None, tmp_path / "store.db", "unused")
