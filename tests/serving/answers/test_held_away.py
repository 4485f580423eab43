"""While the store is away: what was asked before is answered, and few wait for the rest."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from forecasting.adapters.store.sqlite import SqliteStore
from forecasting.errors import StoreUnavailable
from serving.answers import held_candles
from serving.answers.held_candles import READ_AT_ONCE
from tests.serving.answers.holding import World, candles_at, gone

SECONDS = 30.0


@pytest.fixture
def world(tmp_path):
    found = World(tmp_path)
    found.candles.write(candles_at(range(400)))
    yield found
    found.store.close()


def test_while_the_store_is_away_a_name_that_was_no_market_is_none(world, monkeypatch):
    candles = world.held.market.candles
    assert candles.series(None, "NOPE/USDT") == []
    monkeypatch.setattr(SqliteStore, "find", gone)
    assert candles.series(None, "NOPE/USDT") == []
    with pytest.raises(StoreUnavailable):
        candles.series(None, "NEVER/USDT")


def test_a_name_that_was_no_market_is_one_as_soon_as_it_is_stored(world):
    candles = world.held.market.candles
    assert candles.series(None, "NEW/USDT") == []
    world.candles.write(candles_at(range(3), symbol="NEW/USDT"))
    assert [span.symbol for span in candles.series(None, "NEW/USDT")] == ["NEW/USDT"]


def test_of_those_whom_the_store_keeps_waiting_few_hold_threads(world, monkeypatch):
    over, waiting = threading.Event(), threading.Semaphore(0)

    def hang(*_, **__):
        waiting.release()
        assert over.wait(SECONDS)
        raise StoreUnavailable("gone")

    monkeypatch.setattr(SqliteStore, "find", hang)
    monkeypatch.setattr(held_candles, "ROOM_SECONDS", 0.01)
    with ThreadPoolExecutor(READ_AT_ONCE) as threads:
        asked = [threads.submit(world.read, 0, 9, symbol=f"N{each}/USDT") for each in range(READ_AT_ONCE)]
        assert all(waiting.acquire(timeout=SECONDS) for _ in asked)
        with pytest.raises(StoreUnavailable, match="as many wait"):
            world.read(0, 9)
        over.set()
    assert all(isinstance(each.exception(), StoreUnavailable) for each in asked)
