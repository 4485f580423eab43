"""Candles and events in memory are those of the store, to the last bit, and follow it."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store.event_store import EventStore
from forecasting.adapters.store.sqlite import SqliteStore
from forecasting.errors import StoreUnavailable
from forecasting.events import EventRecord
from forecasting.types import DAY_MS, HOUR_MS
from serving.answers.held import HeldMarket
from serving.answers.held_candles import IDLE_MS
from tests.serving.answers.holding import AAA, START_MS, World, candles_at, gone


@pytest.fixture
def world(tmp_path):
    found = World(tmp_path)
    found.candles.write(candles_at(range(400)))
    yield found
    found.store.close()


@pytest.fixture
def reads(monkeypatch):
    """Count what is asked of the store."""
    asked, find = [], SqliteStore.find
    monkeypatch.setattr(
        SqliteStore, "find", lambda store, *rest, **more: (asked.append(rest), find(store, *rest, **more))[1]
    )
    return asked


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spans=st.lists(
        st.tuples(st.integers(-5, 420), st.integers(0, 200), st.sampled_from(["1h", "4h", "1d"])),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_held_is_what_the_store_says(world, spans):
    for first, length, interval in spans:
        found = world.read(first, first + length, interval)
        bounds = START_MS + first * HOUR_MS, START_MS + (first + length) * HOUR_MS
        assert found.fingerprint() == world.candles.read_base(AAA, interval, *bounds).fingerprint()


def test_a_second_read_asks_nothing_of_the_store(world, reads):
    first = world.read(300, 400)
    asked = len(reads)
    assert world.read(320, 400).fingerprint() == first.take(slice(20, None)).fingerprint()
    assert world.held.market.candles.series(None, AAA)[0].rows == 400
    assert len(reads) == asked


def test_a_question_about_the_past_holds_nothing(world, reads):
    world.read(0, 50)
    asked = len(reads)
    world.read(0, 50)
    assert len(reads) > asked


def test_a_new_candle_is_held_after_a_look_and_has_another_number(world):
    world.read(300, 400)
    before = world.version()
    world.candles.write(candles_at([400]))
    world.held.look()
    assert world.version() != before
    assert len(world.read(300, 401)) == 101
    assert world.held.newest_ms(AAA) == START_MS + 401 * HOUR_MS


def test_a_revised_candle_is_held_after_a_look_and_has_another_number(world):
    world.read(300, 400)
    before = world.version()
    world.candles.write(candles_at([350], close=90.0))
    world.held.look()
    assert world.version() != before
    assert world.read(300, 400).close[50] == candles_at([350], close=90.0).close[0]


def test_a_look_at_a_store_that_did_not_change_changes_nothing(world):
    world.read(300, 400)
    before = world.version()
    world.candles.write(candles_at([1], symbol="BBB/USDT"))
    world.held.look()
    assert world.version() == before != ((0, 0),)


def test_a_market_that_is_not_stored_is_not_held(world):
    assert world.held.market.candles.series(None, "NOPE/USDT") == []
    assert world.held.version(["NOPE/USDT"]) == ((0, 0),)


def test_while_the_store_is_away_what_is_held_answers_and_tells_since_when(world, monkeypatch):
    expected, seen_ms = world.read(300, 400), world.now_ms
    world.held.look()

    monkeypatch.setattr(SqliteStore, "find", gone)
    world.now_ms += 60_000
    with pytest.raises(StoreUnavailable):
        world.held.look()
    assert world.read(300, 400).fingerprint() == expected.fingerprint()
    assert world.held.checked_ms(AAA) == seen_ms


def test_what_nobody_asked_for_in_ten_minutes_is_forgotten(world):
    world.read(300, 400)
    world.now_ms += IDLE_MS
    world.held.look()
    assert world.version() != ((0, 0),)
    world.now_ms += IDLE_MS + 1
    world.held.look()
    assert world.version() == ((0, 0),)


def test_what_is_wished_for_is_held_from_the_next_look_on(world, reads):
    world.read(350, 400)
    world.held._candles.wish(AAA, "1h", 200 * HOUR_MS)
    world.held.look()
    asked = len(reads)
    assert len(world.read(200, 400)) == 200
    assert len(reads) == asked


def test_while_the_store_is_away_nothing_is_forgotten(world, monkeypatch):
    world.read(300, 400)

    def away(*_, **__):
        raise StoreUnavailable("gone")

    monkeypatch.setattr(SqliteStore, "find", away)
    world.now_ms += 2 * IDLE_MS
    with pytest.raises(StoreUnavailable):
        world.held.look()
    assert len(world.read(300, 400)) == 100


def test_what_is_known_as_of_a_moment_is_asked_of_the_store(world):
    world.read(300, 400)
    market = world.held.market.candles
    assert len(market.read_base(AAA, "1h", START_MS, START_MS + DAY_MS, as_of_ms=0)) == 0


def test_the_thread_looks_on_whatever_a_look_ends_with(world, monkeypatch):
    ends, done = [StoreUnavailable("gone"), RuntimeError("odd"), None], threading.Event()

    def look(_, *, events):
        if not ends:
            done.set()
        elif (end := ends.pop(0)) is not None:
            raise end

    monkeypatch.setattr(HeldMarket, "look", look)
    held = HeldMarket(world.door, world.door, lambda: world.now_ms, poll_seconds=0.001)
    held.start()
    assert done.wait(30.0)
    assert held.stop()


def test_before_it_ends_the_thread_keeps_whatever_changed(world, monkeypatch):
    kept, looks = [], []
    monkeypatch.setattr(HeldMarket, "keep", lambda _, every_seconds: kept.append(every_seconds))
    monkeypatch.setattr(HeldMarket, "look", lambda _, *, events: looks.append(events))
    held = HeldMarket(world.door, world.door, lambda: world.now_ms, poll_seconds=3600.0)
    held.start()
    assert held.stop(30.0)
    assert (kept, looks) == ([0.0], [])


def event(hour, title="news"):
    return EventRecord(START_MS + hour * HOUR_MS, "wire", title, "", (AAA,), False, "news")


def write(world, *records):
    world.events.write(records, START_MS, START_MS + 400 * HOUR_MS)


def events(world, first=0, last=400):
    return world.held.market.events.read(AAA, START_MS + first * HOUR_MS, START_MS + last * HOUR_MS)


def test_events_are_read_once(world, reads):
    write(world, event(3))
    found = events(world)
    asked = len(reads)
    assert events(world) is found
    assert len(reads) == asked


@pytest.mark.parametrize("late", [event(5, "late"), event(399, "new")])
def test_an_event_that_comes_later_is_held_after_a_look(world, late):
    write(world, event(3))
    assert len(events(world)) == 1
    world.held.look()
    before = world.version()
    write(world, event(3), late)
    world.held.look()
    assert len(events(world)) == 2
    assert world.version() != before


def test_an_event_that_came_while_the_mark_was_taken_is_not_lost(world, monkeypatch):
    write(world, event(3))
    events(world)
    mark = EventStore.change_mark

    def meanwhile(store, start_ms):
        monkeypatch.setattr(EventStore, "change_mark", mark)
        events(world, 100, 400)
        write(world, event(3), event(200, "meanwhile"))
        return mark(store, start_ms)

    monkeypatch.setattr(EventStore, "change_mark", meanwhile)
    world.held.look()
    world.held.look()
    assert (len(events(world)), len(events(world, 100, 400))) == (2, 1)


def test_events_that_did_not_change_keep_their_number(world):
    write(world, event(3))
    events(world)
    world.held.look()
    before = world.version()
    world.held.look()
    assert world.version() == before


def test_of_spans_alike_the_older_is_forgotten(world, reads):
    write(world, event(3))
    events(world, 0, 100)
    newest = events(world, 1, 101)
    world.held.look()
    asked = len(reads)
    assert events(world, 1, 101) is newest
    assert len(reads) == asked
    events(world, 0, 100)
    assert len(reads) > asked


def test_no_events_at_all_are_none_and_some_are_found_later(world):
    assert events(world) is None
    world.held.look()
    write(world, event(3))
    world.held.look()
    assert len(events(world)) == 1
