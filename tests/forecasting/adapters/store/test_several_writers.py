"""Four processes write at once, and nothing that one of them was told is written is lost."""

import contextlib

import numpy as np

from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.candle_blocks import CandleStore
from tests.forecasting.adapters.store import workers
from tests.forecasting.adapters.store.places import candles_of, same
from tests.forecasting.adapters.store.test_revisions import T1, revised


def test_a_store_that_is_not_there_yet_may_be_made_by_several_processes(place, four_processes):
    four_processes(workers.count_up, place, 1)
    with contextlib.closing(place.open()) as store:
        assert store.get("settings", "counter")["count"] == 4


def test_no_update_is_lost(place, store, four_processes):
    four_processes(workers.count_up, place, 50)
    assert store.get("settings", "counter") == {"_id": "counter", "version": 200, "count": 200}


def test_no_update_is_lost_under_a_lease(place, store, four_processes):
    four_processes(workers.count_up_under_lease, place, 15)
    assert store.get("settings", "counter")["count"] == 60


def test_the_same_candles_from_all_of_them_are_stored_once(place, store, four_processes):
    candles = candles_of(10_000)
    four_processes(workers.write_three_times, place, candles, 1_300)
    found = CandleStore(store).read_candles("BTC/USDT", "1m")
    assert len(found) == 10_000
    assert np.all(np.diff(found.open_time_ms) > 0)
    assert same(found, candles)
    assert [span.rows for span in CandleStore(store).series()] == [10_000]
    assert len(CandleStore(store).read_history("BTC/USDT", "1m")) == 10_000
    assert AlertBook(store).newest() == []


def test_revisions_of_all_of_them_are_kept_in_the_order_of_receipt(place, store, four_processes):
    first = candles_of(3_000)
    tables = [revised(first, number, number + 1_000, by=1.0 + number / 10) for number in range(4)]
    four_processes(workers.revise_in_turns, place, tables, T1)
    candles = CandleStore(store)
    for number, table in enumerate(tables):
        assert same(candles.read_candles("BTC/USDT", "1m", as_of_ms=T1 + number), table)
    assert same(candles.read_candles("BTC/USDT", "1m"), tables[-1])
