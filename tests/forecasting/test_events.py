from dataclasses import replace

import numpy as np
import pytest

from forecasting.errors import InvalidEvents
from forecasting.events import EventRecord, Events, validate_event, validate_events


@pytest.fixture
def events():
    times = np.array([10, 20, 20, 40])
    return Events(times, np.array([1, 2, 1, 3]), np.array([True, False, False, True]), 5, 50)


def test_valid_events_come_back_as_they_are(events):
    assert validate_events(events) is events
    assert len(events) == 4


def test_a_covered_span_without_events_is_valid():
    nothing = np.empty(0, dtype=np.int64)
    validate_events(Events(nothing, nothing, nothing.astype(bool), 5, 5))


def test_events_on_the_ends_of_the_covered_span_are_valid(events):
    validate_events(replace(events, covered_from_ms=10, covered_until_ms=40))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": np.array([1])}, r"columns of unequal length \[1, 4\]"),
        ({"timestamp_ms": np.array([10, 30, 20, 40])}, "the timestamps decrease"),
        ({"covered_from_ms": 60}, "the covered span ends before it begins"),
        ({"covered_from_ms": 11}, "outside the span"),
        ({"covered_until_ms": 39}, "outside the span"),
    ],
)
def test_broken_events_are_refused(events, change, message):
    with pytest.raises(InvalidEvents, match=message):
        validate_events(replace(events, **change))


def test_events_before_a_moment_exclude_the_moment_itself(events):
    earlier = events.before(20)
    np.testing.assert_array_equal(earlier.timestamp_ms, [10])
    np.testing.assert_array_equal(earlier.source, [1])
    np.testing.assert_array_equal(earlier.ai_related, [True])


def test_what_is_covered_ends_with_the_moment(events):
    assert events.before(20).covered_until_ms == 20


def test_a_moment_after_the_coverage_does_not_extend_it(events):
    later = events.before(1000)
    assert (len(later), later.covered_until_ms) == (4, 50)


def holed(events, *holes):
    return replace(events, holes_ms=np.array(holes, dtype=np.int64))


def test_holes_between_covered_spans_are_valid(events):
    validate_events(holed(events, (11, 19), (20, 40)))


@pytest.mark.parametrize(
    ("holes", "message"),
    [
        ([(4, 9)], "do not follow each other"),
        ([(41, 51)], "do not follow each other"),
        ([(12, 12)], "do not follow each other"),
        ([(30, 31), (25, 26)], "do not follow each other"),
        ([(19, 21)], "some lie in a hole"),
        ([(39, 41)], "some lie in a hole"),
    ],
)
def test_broken_holes_are_refused(events, holes, message):
    with pytest.raises(InvalidEvents, match=message):
        validate_events(holed(events, *holes))


@pytest.mark.parametrize(
    ("moment", "until", "holes"),
    [
        (41, 41, [(11, 19), (21, 39)]),
        (39, 39, [(11, 19), (21, 39)]),
        (30, 21, [(11, 19)]),
        (21, 21, [(11, 19)]),
        (11, 11, []),
        (15, 11, []),
    ],
)
def test_a_moment_in_a_hole_ends_the_coverage_where_the_hole_begins(events, moment, until, holes):
    earlier = validate_events(holed(events, (11, 19), (21, 39)).before(moment))
    assert (earlier.covered_until_ms, [tuple(each) for each in earlier.holes_ms]) == (until, holes)


def event(**fields):
    known = {"timestamp_ms": 5, "source": "Wire", "title": "Up again", "url": "", "symbols": ()}
    return EventRecord(**{**known, "ai_related": False, "category": "", **fields})


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/news/1",
        "http://example.org/news/1/",
        "https://www.Example.org/news/1#comments",
        " https://example.org/news/1?utm_source=feed&utm_medium=rss ",
    ],
)
def test_addresses_that_lead_to_one_article_are_one_event(url):
    assert event(url=url, title="x").identity == event(url="https://example.org/news/1").identity


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/news/2",
        "https://example.org/news/1?page=2",
        "https://other.org/news/1",
        "https://example.org/News/1",
    ],
)
def test_addresses_that_lead_elsewhere_are_another_event(url):
    assert event(url=url).identity != event(url="https://example.org/news/1").identity


@pytest.mark.parametrize("url", ["", "https://example.org", "https://example.org/", " "])
def test_without_an_article_source_moment_and_title_make_the_event(url):
    one = event(url=url)
    assert one.identity == event(title=" UP\u00a0 Again", source="wire").identity
    assert one.identity != event(title="Down", url=url).identity
    assert one.identity != event(timestamp_ms=6, url=url).identity
    assert one.identity != event(source="Journal", url=url).identity


def test_an_address_that_cannot_be_read_is_taken_as_it_is():
    assert event(url="http://[1").identity == event(url="http://[1", title="x").identity


@pytest.mark.parametrize("symbols", [(), ("BTC",), ("1INCH", "BTC/USDT"), ("BTC/USDT:USDT",)])
def test_an_event_about_bases_and_markets_can_be_stored(symbols):
    one = event(symbols=symbols)
    assert validate_event(one) is one


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"source": " "}, "names no source"),
        ({"symbols": ("btc",)}, "concerns 'btc'"),
        ({"symbols": ("BTC-USDT",)}, "concerns 'BTC-USDT'"),
        ({"symbols": ("BTC", "")}, "concerns ''"),
    ],
)
def test_an_event_that_cannot_be_stored_is_refused(fields, message):
    with pytest.raises(InvalidEvents, match=message):
        validate_event(event(**fields))
