"""Events are kept once each, with the span in which they are all there were."""

import random

import pytest

from forecasting.adapters.store.event_store import EventStore
from forecasting.events import EventRecord
from tests.forecasting.adapters.store import workers


@pytest.fixture
def events(store):
    return EventStore(store)


def event(timestamp_ms, source="a", symbols=(), ai_related=False, title="t"):
    return EventRecord(timestamp_ms, source, title, "https://example.org", tuple(symbols), ai_related, "news")


def test_none_is_known_before_anything_was_stored(events):
    assert events.read("BTC/USDT") is None


def test_a_covered_span_without_events_is_known_to_be_empty(events):
    assert events.write([], 100, 200) == 0
    found = events.read("BTC/USDT")
    assert (len(found.timestamp_ms), found.covered_from_ms, found.covered_until_ms) == (0, 100, 200)


def test_the_same_event_again_changes_nothing(events, store):
    records = [event(1), event(2), event(1), event(2, title="other")]
    assert events.write(records, 0, 9) == 3
    before = list(store.find("events"))
    assert events.write(records[::-1], 0, 9) == 3
    assert list(store.find("events")) == before
    assert events.read("BTC/USDT").timestamp_ms.tolist() == [1, 2, 2]


@pytest.mark.parametrize("order", [1, -1])
def test_the_covered_span_grows_and_never_shrinks(events, order):
    for span in [(100, 200), (150, 160), (50, 120), (180, 300)][::order]:
        events.write([], *span)
    found = events.read("BTC/USDT")
    assert (found.covered_from_ms, found.covered_until_ms) == (50, 300)


def test_a_read_holds_its_start_and_not_its_stop(events):
    events.write([event(time) for time in (9, 10, 11, 19, 20, 21)], 0, 30)
    found = events.read("BTC/USDT", 10, 20)
    assert found.timestamp_ms.tolist() == [10, 11, 19]
    assert (found.covered_from_ms, found.covered_until_ms) == (10, 20)


@pytest.mark.parametrize(
    ("start", "stop", "covered"), [(0, 99, (10, 30)), (40, 50, (30, 30)), (15, None, (15, 30))]
)
def test_a_read_covers_no_more_than_what_is_stored(events, start, stop, covered):
    events.write([], 10, 30)
    found = events.read("BTC/USDT", start, stop)
    assert (found.covered_from_ms, found.covered_until_ms) == covered


def test_a_symbol_has_its_own_events_and_those_of_the_whole_market(events):
    records = [event(1, "b", ["BTC/USDT"], True), event(2, "c", ["ETH/USDT"]), event(3, "a"), event(4, "b")]
    random.Random(3).shuffle(records)
    events.write(records, 0, 9)
    found = events.read("BTC/USDT")
    assert found.timestamp_ms.tolist() == [1, 3, 4]
    assert found.source.tolist() == [1, 0, 1]
    assert found.ai_related.tolist() == [True, False, False]


def test_another_writer_between_the_look_and_the_write_loses_nothing(store, events, monkeypatch):
    events.write([], 100, 200)
    look, others = store.get, [(50, 110), (150, 300)]

    def look_and_be_late(*wanted):
        found = look(*wanted)
        if others:
            events.write([], *others.pop())
        return found

    monkeypatch.setattr(store, "get", look_and_be_late)
    events.write([], 120, 220)
    found = events.read("BTC/USDT")
    assert (found.covered_from_ms, found.covered_until_ms) == (50, 300)


def test_several_processes_lose_neither_events_nor_coverage(place, store, four_processes):
    records = [event(time) for time in range(40)]
    spans = [(30, 40), (0, 10), (20, 31), (5, 25)]
    four_processes(workers.cover, place, EventStore, records, spans)
    found = EventStore(store).read("BTC/USDT")
    assert found.timestamp_ms.tolist() == list(range(40))
    assert (found.covered_from_ms, found.covered_until_ms) == (0, 40)
