"""What models do in production over HTTP, from the store alone."""

from types import SimpleNamespace

import pytest

from forecasting.adapters.store.breaker_book import BreakerBook, Watched
from forecasting.adapters.store.watch_book import WatchBook
from forecasting.monitoring.trip import BREAKERS, Trip
from forecasting.types import utc_iso
from tests.serving.placing import place

VERSION = SimpleNamespace(version="3", digest="d" * 64, model_id="1h-dddddddddddd")


def found(model_id):
    return {"model_name": "forecast-1h", "versions": [{"role": "production", "model_id": model_id}]}


@pytest.fixture
def placed(reading):
    place(reading.store, VERSION)
    return reading.store


def test_a_model_that_never_served_is_not_there(told):
    assert told("/api/monitoring") == {"models": []}


def test_what_serves_is_told_before_it_was_watched(placed, told):
    (model,) = told("/api/monitoring")["models"]
    assert model["production"] == {"model_id": VERSION.model_id, "version": "3", "evidence": "unproven"}
    assert (model["previous"], model["watched_at"], model["found"], model["is_current"]) == (None,) * 3 + (
        False,
    )


def test_what_was_found_last_is_told_with_its_moment(placed, told):
    WatchBook(placed).keep(found(VERSION.model_id), 5)
    (model,) = told("/api/monitoring", horizon="1h")["models"]
    assert (model["watched_at"], model["is_current"]) == (utc_iso(5), True)
    assert model["found"] == found(VERSION.model_id)


def test_a_finding_on_a_version_that_serves_no_more_is_not_current(placed, told):
    WatchBook(placed).keep(found("1h-eeeeeeeeeeee"), 5)
    assert told("/api/monitoring")["models"][0]["is_current"] is False
    WatchBook(placed).keep(found(VERSION.model_id), 5)
    place(placed, None)
    (model,) = told("/api/monitoring")["models"]
    assert (model["production"], model["is_current"]) == (None, False)


def test_only_open_breakers_of_what_serves_are_told(placed, told):
    book = BreakerBook(placed)
    for bundle, breaker in (
        (VERSION.digest, BREAKERS[0]),
        (VERSION.digest, BREAKERS[1]),
        ("e" * 64, BREAKERS[0]),
    ):
        book.open(Watched("forecast-1h", VERSION.model_id, bundle), Trip(breaker, "it broke", 7))
    book.close(Watched("forecast-1h", VERSION.model_id, VERSION.digest), BREAKERS[1], "", "jan")
    (breaker,) = told("/api/monitoring")["models"][0]["breakers"]
    assert (breaker["breaker"], breaker["reason"], breaker["since"]) == (BREAKERS[0], "it broke", utc_iso(7))


def test_an_unknown_horizon_is_told(told):
    assert told("/api/monitoring", horizon="2h") == "unknown-horizon"
