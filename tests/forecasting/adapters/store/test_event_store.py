"""Events are kept once each, as they were received first, with the spans in which they are all there were."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.adapters.store.event_coverage import join_spans
from forecasting.adapters.store.event_store import EventChanges, EventStore
from forecasting.errors import InvalidEvents
from forecasting.events import EventRecord, validate_events
from tests.forecasting.adapters.store import workers


@pytest.fixture
def events(store):
    return EventStore(store)


def event(timestamp_ms, source="a", symbols=(), ai_related=False, title="t", url=""):
    return EventRecord(timestamp_ms, source, title, url, tuple(symbols), ai_related, "news")


def times(found):
    return found.timestamp_ms.tolist()


def test_none_is_known_before_anything_was_stored(events):
    assert events.read("BTC/USDT") is None


def test_a_covered_span_without_events_is_known_to_be_empty(events):
    assert events.write([], 100, 200) == EventChanges()
    found = events.read("BTC/USDT")
    assert (len(found.timestamp_ms), found.covered_from_ms, found.covered_until_ms) == (0, 100, 200)


def test_the_same_event_again_changes_nothing(events, store):
    records = [event(1), event(2), event(1), event(2, title="other")]
    assert events.write(records, 0, 9) == EventChanges(added=3, unchanged=1)
    before = list(store.find("events"))
    assert events.write(records[::-1], 0, 9) == EventChanges(unchanged=4)
    assert list(store.find("events")) == before
    assert times(events.read("BTC/USDT")) == [1, 2, 2]


ARTICLE = "https://example.org/news/1"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Edited"},
        {"timestamp_ms": 7},
        {"symbols": ("ETH",)},
        {"ai_related": True},
        {"category": "other"},
        {"source": "b"},
    ],
)
def test_a_later_version_is_counted_and_the_first_one_stays(events, store, change):
    first = event(5, symbols=["BTC"], url=ARTICLE)
    events.write([first], 0, 9, received_ms=100)
    before = list(store.find("events"))
    later = replace(first, url="http://www.example.org/news/1/?utm_source=feed#top", **change)
    assert events.write([later], 0, 9, received_ms=200) == EventChanges(differing=1)
    assert list(store.find("events")) == before
    assert [each.record for each in events.find()] == [first]


def test_of_two_versions_in_one_delivery_the_earliest_stays_in_any_order(events):
    versions = [event(time, title=f"at {time}", url=ARTICLE) for time in (6, 4, 5)]
    assert events.write(versions, 0, 9) == EventChanges(added=1, differing=2)
    assert [each.record.title for each in events.find()] == ["at 4"]


def test_overlapping_deliveries_store_each_event_once(events):
    records = [event(time, url=f"https://example.org/{time}") for time in range(20)]
    assert events.write(records[:12], 0, 11).added == 12
    assert events.write(records[8:], 8, 19) == EventChanges(added=8, unchanged=4)
    assert times(events.read("BTC/USDT")) == list(range(20))


def test_what_a_delivery_would_change_is_told_without_a_write(events, store):
    events.write([event(1), event(2, url=ARTICLE)], 0, 9)
    before = list(store.find("events"))
    delivery = [event(1), event(2, url=ARTICLE, title="Edited"), event(3), event(3), event(3, url=ARTICLE)]
    assert events.compare(delivery) == EventChanges(added=1, unchanged=2, differing=2)
    assert list(store.find("events")) == before
    assert events.write(delivery, 0, 9) == EventChanges(added=1, unchanged=2, differing=2)


def test_an_event_outside_the_span_that_is_said_to_be_covered_is_refused_and_nothing_stored(events):
    with pytest.raises(InvalidEvents, match="lies outside the span that is said to be covered"):
        events.write([event(5), event(10)], 0, 9)
    with pytest.raises(InvalidEvents, match="before it begins"):
        events.write([], 9, 8)
    assert (list(events.find()), events.read("BTC/USDT")) == ([], None)


def test_an_event_that_concerns_no_symbol_of_this_world_is_refused(events):
    with pytest.raises(InvalidEvents, match="'btc': a base currency such as BTC or a market such as"):
        events.write([event(1, symbols=["btc"])], 0, 9)


@pytest.mark.parametrize("order", [1, -1])
def test_spans_that_touch_are_joined_and_never_shrink(events, order):
    for span in [(100, 200), (150, 160), (50, 120), (201, 300)][::order]:
        events.write([], *span)
    found = events.read("BTC/USDT")
    assert (found.covered_from_ms, found.covered_until_ms, len(found.holes_ms)) == (50, 300, 0)


def test_time_between_two_deliveries_is_a_hole(events):
    events.write([event(10), event(20)], 10, 20)
    events.write([event(50)], 40, 60)
    events.write([event(22)], 22, 30)
    found = validate_events(events.read("BTC/USDT"))
    assert (found.covered_from_ms, found.covered_until_ms) == (10, 60)
    assert found.holes_ms.tolist() == [[20, 22], [30, 40]]
    events.write([], 15, 45)
    assert events.read("BTC/USDT").holes_ms.tolist() == []


@pytest.mark.parametrize(
    ("start", "stop", "covered", "holes"),
    [
        (None, None, (10, 60), [[20, 40]]),
        (15, 50, (15, 50), [[20, 40]]),
        (15, 30, (15, 20), []),
        (25, 50, (40, 50), []),
        (25, 30, (25, 25), []),
        (20, 40, (20, 40), [[20, 40]]),
    ],
)
def test_a_read_brings_the_holes_inside_its_bounds(events, start, stop, covered, holes):
    events.write([event(10), event(20)], 10, 20)
    events.write([event(40), event(60)], 40, 60)
    found = validate_events(events.read("BTC/USDT", start, stop))
    assert (found.covered_from_ms, found.covered_until_ms) == covered
    assert found.holes_ms.tolist() == holes
    assert found.holes_ms.dtype == np.int64


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=8))
def test_joined_spans_cover_the_same_moments_and_do_not_touch(pairs):
    spans = [(start, start + length) for start, length in pairs]
    joined = join_spans(spans)
    covered = {moment for start, stop in spans for moment in range(start, stop + 1)}
    assert [moment for span in joined for moment in range(span.from_ms, span.until_ms + 1)] == sorted(covered)
    assert all(after.from_ms - before.until_ms > 1 for before, after in itertools.pairwise(joined))


def test_a_read_as_of_a_moment_gives_what_had_been_received_by_then(events):
    events.write([event(1)], 0, 9, received_ms=100)
    events.write([event(2, title="late")], 0, 9, received_ms=200)
    assert times(events.read("BTC/USDT", as_of_ms=199)) == [1]
    assert times(events.read("BTC/USDT", as_of_ms=200)) == [1, 2]
    assert events.read("BTC/USDT", as_of_ms=99) is None


def test_what_was_not_received_by_then_was_not_covered_by_then(events):
    events.write([event(1)], 0, 9, received_ms=100)
    events.write([event(15)], 10, 19, received_ms=200)
    assert events.read("BTC/USDT", as_of_ms=150).covered_until_ms == 9
    assert events.read("BTC/USDT", as_of_ms=250).covered_until_ms == 19


def test_the_same_delivery_again_does_not_change_when_it_was_received(events, store):
    for received_ms in (100, 200, 300):
        events.write([event(1)], 0, 9, received_ms=received_ms)
    assert [each.received_ms for each in events.find()] == [100]
    assert len(list(store.find("event_coverage"))) == 1


def test_without_a_moment_an_event_is_received_now(events, monkeypatch):
    monkeypatch.setattr("time.time_ns", lambda: 7_000_000)
    events.write([event(1)], 0, 9)
    assert [each.received_ms for each in events.find()] == [7]


def test_events_of_a_delivery_that_was_cut_short_are_not_used_before_it_is_repeated(
    events, store, monkeypatch
):
    with monkeypatch.context() as killed:
        killed.setattr(events._coverage, "add", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            events.write([event(12)], 12, 19)
    events.write([event(1)], 0, 9)
    events.write([event(30)], 25, 30)
    assert times(validate_events(events.read("BTC/USDT"))) == [1, 30]
    events.write([event(12)], 12, 19)
    assert times(validate_events(events.read("BTC/USDT"))) == [1, 12, 30]


def test_a_read_holds_its_start_and_not_its_stop(events):
    events.write([event(time) for time in (9, 10, 11, 19, 20, 21)], 0, 30)
    found = events.read("BTC/USDT", 10, 20)
    assert times(found) == [10, 11, 19]
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


@pytest.mark.parametrize(
    ("symbols", "concerned"),
    [
        ((), {"BTC/USDT", "BTC/EUR", "ETH/BTC", "BTC/USDT:USDT"}),
        (("BTC",), {"BTC/USDT", "BTC/EUR", "BTC/USDT:USDT"}),
        (("BTC/USDT",), {"BTC/USDT"}),
        (("BTC/USDT", "ETH"), {"BTC/USDT", "ETH/BTC"}),
        (("USDT",), set()),
    ],
)
def test_a_base_currency_stands_for_all_of_its_markets_and_a_market_for_itself(events, symbols, concerned):
    events.write([event(1, symbols=symbols)], 0, 9)
    markets = ("BTC/USDT", "BTC/EUR", "ETH/BTC", "BTC/USDT:USDT")
    assert {market for market in markets if len(events.read(market))} == concerned


def test_events_of_an_older_foretick_are_kept_and_not_stored_again(events, store):
    older = {**vars_of(event(1, symbols=["BTC/USDT"])), "_id": "a digest of its content"}
    store_older(store, older, {"_id": "all", "from_ms": 0, "until_ms": 9, "version": 3})
    assert times(events.read("BTC/USDT")) == [1]
    assert events.write([event(1, symbols=["BTC/USDT"]), event(2)], 0, 12) == EventChanges(1, 1)
    found = events.read("BTC/USDT")
    assert (times(found), found.covered_until_ms) == ([1, 2], 12)
    assert times(events.read("BTC/USDT", as_of_ms=1)) == [1]
    assert store.get("event_coverage", "all") is None


def vars_of(record):
    return {name: getattr(record, name) for name in EventRecord.__slots__} | {"symbols": list(record.symbols)}


def store_older(store, document, coverage):
    """Write as an older Foretick did, which declared less."""
    with pytest.MonkeyPatch.context() as older:
        for name, fields in (("events", {"timestamp_ms": int}), ("event_coverage", {"from_ms": int})):
            older.setitem(COLLECTIONS_THEN, name, replace(COLLECTIONS[name], fields=fields))
        older.setattr("forecasting.adapters.store.documents.COLLECTIONS", COLLECTIONS_THEN)
        store.put("events", document)
        store.put("event_coverage", coverage)


COLLECTIONS_THEN = dict(COLLECTIONS)


def test_another_writer_of_the_same_event_does_not_replace_the_first(store, events, monkeypatch):
    write_new, others = store.put_new, [event(5, title="first", url=ARTICLE)]

    def be_late(*wanted):
        if others:
            EventStore(store).write([others.pop()], 0, 9, received_ms=100)
        return write_new(*wanted)

    monkeypatch.setattr(store, "put_new", be_late)
    late = event(4, title="late", url=ARTICLE)
    assert events.write([late], 0, 9, received_ms=99) == EventChanges(differing=1)
    assert [each.record.title for each in events.find()] == ["first"]


def test_several_processes_lose_neither_events_nor_coverage(place, store, four_processes):
    records = [event(time) for time in range(40)]
    spans = [(0, 50), (-10, 45), (-5, 60), (0, 39)]
    four_processes(workers.cover, place, EventStore, records, spans)
    found = EventStore(store).read("BTC/USDT")
    assert times(found) == list(range(40))
    assert (found.covered_from_ms, found.covered_until_ms) == (-10, 60)
