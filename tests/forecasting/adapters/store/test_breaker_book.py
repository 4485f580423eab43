"""Breakers are opened once, told once, closed by name, and found by whoever serves."""

import pytest

from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.breaker_book import BREAKER_OPEN, BreakerBook, Watched
from forecasting.monitoring.trip import NOT_FINITE, STALE, Trip

MODEL = Watched("forecast-1h", "1h-aaaaaaaaaaaa", "a" * 64)
TRIP = Trip(NOT_FINITE, "it gave a forecast that is not finite", 1_700_000_000_000)


def book_of(store):
    return BreakerBook(store, lambda: 1_700_000_000_500)


def test_what_was_opened_is_found_with_its_reason(store):
    assert book_of(store).open(MODEL, TRIP)
    (found,) = book_of(store).open_ones()
    assert (found.watched, found.trip, found.is_open, found.changed_ms) == (
        MODEL, TRIP, True, 1_700_000_000_500,
    )  # fmt: skip
    assert found.sentence == (
        "breaker not-finite of 1h-aaaaaaaaaaaa is open since 2023-11-14T22:13:20Z: "
        "it gave a forecast that is not finite"
    )


def test_a_second_server_that_sees_the_same_raises_no_second_alert(store):
    assert book_of(store).open(MODEL, TRIP)
    assert not book_of(store).open(MODEL, TRIP)
    (alert,) = AlertBook(store).newest(kind=BREAKER_OPEN)
    assert alert.facts == {"model": MODEL.model_id, "breaker": NOT_FINITE, "reason": TRIP.reason}


def test_after_a_crash_between_alert_and_document_there_is_one_alert(store, monkeypatch):
    with monkeypatch.context() as crash:
        crash.setattr(type(store), "compare_and_set", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            book_of(store).open(MODEL, TRIP)
    assert book_of(store).open_ones() == []
    assert book_of(store).open(MODEL, TRIP)
    assert len(AlertBook(store).newest(kind=BREAKER_OPEN)) == 1


def test_closed_it_is_kept_with_who_closed_it(store):
    book_of(store).open(MODEL, TRIP)
    assert book_of(store).close(MODEL, NOT_FINITE, "", "someone")
    assert book_of(store).open_ones() == []
    (kept,) = book_of(store).of_bundle(MODEL.bundle)
    assert (kept.is_open, kept.closed_by) == (False, "someone")


def test_what_is_not_open_is_not_closed(store):
    assert not book_of(store).close(MODEL, NOT_FINITE, "", "someone")


def test_opened_again_it_is_told_again(store):
    book = book_of(store)
    book.open(MODEL, TRIP)
    book.close(MODEL, NOT_FINITE, "", "someone")
    assert book.open(MODEL, TRIP)
    assert len(AlertBook(store).newest(kind=BREAKER_OPEN)) == 2


def test_stale_features_are_kept_for_each_market(store):
    for symbol in ("AAA/USDT", "BBB/USDT"):
        book_of(store).open(MODEL, Trip(STALE, "old", 1, symbol))
    book_of(store).close(MODEL, STALE, "AAA/USDT", "a fresh candle")
    assert [each.trip.symbol for each in book_of(store).open_ones()] == ["BBB/USDT"]
