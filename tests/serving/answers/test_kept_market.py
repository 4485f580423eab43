"""What was held of a market is on disk to the last bit, or not at all."""

from dataclasses import fields, replace

import numpy as np
import pytest

from forecasting.adapters.store.sqlite import SqliteStore
from forecasting.errors import StoreUnavailable
from forecasting.events import Events
from forecasting.types import HOUR_MS
from serving.answers.held import HeldMarket
from serving.answers.kept_market import KeptMarkets
from tests.serving.answers.holding import AAA, START_MS, World, candles_at, gone

EVENTS = Events(
    np.array([START_MS], np.int64),
    np.array([3], np.int64),
    np.array([True]),
    START_MS,
    START_MS + HOUR_MS,
    np.array([[START_MS, START_MS + 1]], np.int64),
)


@pytest.fixture
def kept(tmp_path):
    return KeptMarkets(tmp_path / "markets")


@pytest.fixture
def history(world):
    world.read(300, 400)
    (found,) = world.held._candles.histories()
    return replace(found, events={(START_MS, START_MS + HOUR_MS): EVENTS, (0, START_MS): None})


@pytest.fixture
def world(tmp_path, kept):
    found = World(tmp_path)
    found.candles.write(candles_at(range(400)))
    found.held = again(found, kept)
    yield found
    found.store.close()


def again(world, kept):
    """What the next server holds."""
    return HeldMarket(world.door, world.door, lambda: world.now_ms, kept=kept)


def same(one: Events, other: Events) -> bool:
    return all(np.array_equal(getattr(one, each.name), getattr(other, each.name)) for each in fields(Events))


def test_what_is_kept_is_read_again_to_the_last_bit(kept, history):
    kept.write(history)
    found = kept.read(AAA)
    plain = ("symbol", "checked_ms", "mark", "spans")
    assert [getattr(found, name) for name in plain] == [getattr(history, name) for name in plain]
    (first_ms, candles), (known_ms, known) = found.windows["1h"], history.windows["1h"]
    assert (first_ms, candles.fingerprint()) == (known_ms, known.fingerprint())
    (some, none) = found.events.values()
    assert found.events.keys() == history.events.keys()
    assert same(some, EVENTS)
    assert none is None


def test_what_is_damaged_is_nothing_and_never_parsed(kept, history, monkeypatch):
    kept.write(history)
    (file,) = kept.folder.iterdir()
    whole, random = file.read_bytes(), np.random.default_rng(3)
    parsed = []
    monkeypatch.setattr(np, "load", lambda *_, **__: parsed.append("an archive"))
    for place in random.integers(0, len(whole), 200):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 64]) + whole[place + 1 :])
        assert kept.read(AAA) is None
        file.write_bytes(whole[:place])
        assert kept.read(AAA) is None
    assert parsed == []


def test_a_market_of_another_name_is_nothing(kept, history):
    kept.write(history)
    (file,) = kept.folder.iterdir()
    file.rename(kept._file("BBB/USDT"))
    assert kept.read("BBB/USDT") is None


def test_without_the_store_the_next_server_answers_from_what_was_kept(world, kept, monkeypatch):
    expected = world.read(300, 400)
    checked_ms = world.held.checked_ms(AAA)
    world.held.keep()
    monkeypatch.setattr(SqliteStore, "find", gone)
    world.now_ms += HOUR_MS
    world.held = again(world, kept)
    assert world.read(300, 400).fingerprint() == expected.fingerprint()
    assert world.held.checked_ms(AAA) == checked_ms
    with pytest.raises(StoreUnavailable):
        world.read(300, 400, symbol="BBB/USDT")


def test_what_was_stored_meanwhile_is_held_after_the_first_look(world, kept, monkeypatch):
    world.read(300, 400)
    world.held.keep()
    world.held = again(world, kept)
    with monkeypatch.context() as away:
        away.setattr(SqliteStore, "find", gone)
        world.read(300, 400)
    world.candles.write(candles_at([400]))
    world.held.look()
    assert world.held.newest_ms(AAA) == START_MS + 401 * HOUR_MS


def test_a_market_that_only_went_on_is_kept_again_after_a_while(world, kept):
    world.read(300, 400)
    world.held.keep(600)
    world.candles.write(candles_at([400]))
    world.held.look()
    world.held.keep(600)
    assert max(each.end_ms for each in kept.read(AAA).spans) == START_MS + 400 * HOUR_MS
    world.held.keep(0)
    assert max(each.end_ms for each in kept.read(AAA).spans) == START_MS + 401 * HOUR_MS


def test_a_market_that_reaches_further_back_is_kept_again_at_once(world, kept):
    for first in (350, 100):
        world.read(first, 400)
        world.held.keep(600)
        assert kept.read(AAA).windows["1h"][0] == START_MS + first * HOUR_MS
