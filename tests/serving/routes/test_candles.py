"""Stored candles over HTTP: columns, the newest of a span, as known now or then."""

import numpy as np
import pytest

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.candles import Candles
from forecasting.types import HOUR_MS, utc_iso

RECEIVED_MS = 1_000 * HOUR_MS
COLUMNS = ("open_time", "open", "high", "low", "close", "volume")


def candles(close, hours=30):
    times = np.arange(hours, dtype=np.int64) * HOUR_MS
    price = np.full(hours, close)
    return Candles("AAA/USDT", "1h", times, price, price + 1, price - 1, price, np.ones(hours))


@pytest.fixture
def stored(reading):
    store = CandleStore(reading.store)
    store.write(candles(100.0), "a source", RECEIVED_MS)
    store.write(candles(200.0), "a source", RECEIVED_MS + 1)
    return store


ASKED = {"symbol": "aaa-usdt", "interval": "1h"}


def test_the_newest_are_given_as_columns_oldest_first(stored, told):
    answer = told("/api/candles", **ASKED, limit=3)
    assert answer["open_time"] == [utc_iso(hour * HOUR_MS) for hour in (27, 28, 29)]
    assert [len(answer[name]) for name in COLUMNS] == [3] * 6
    assert (answer["symbol"], answer["made_of"], answer["close"]) == ("AAA/USDT", "1h", [200.0] * 3)


def test_next_to_walks_back_to_the_first_candle(stored, told):
    found, query = [], {}
    while True:
        answer = told("/api/candles", **ASKED, limit=8, **query)
        found = [*answer["open_time"], *found]
        if answer["next_to"] is None:
            break
        query = {"to": answer["next_to"]}
    assert found == [utc_iso(hour * HOUR_MS) for hour in range(30)]


def test_a_span_is_half_open(stored, told):
    answer = told("/api/candles", **ASKED, **{"from": utc_iso(2 * HOUR_MS), "to": utc_iso(4 * HOUR_MS)})
    assert answer["open_time"] == [utc_iso(2 * HOUR_MS), utc_iso(3 * HOUR_MS)]
    assert answer["next_to"] is None


def test_as_of_gives_the_values_of_then(stored, told):
    answer = told("/api/candles", **ASKED, limit=1, as_of=utc_iso(RECEIVED_MS))
    assert (answer["close"], answer["as_of"]) == ([100.0], utc_iso(RECEIVED_MS))


def test_coarser_bars_are_made_and_said_to_be(stored, told):
    answer = told("/api/candles", symbol="AAA/USDT", interval="1d")
    assert (answer["interval"], answer["made_of"], answer["volume"]) == ("1d", "1h", [24.0])


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"symbol": "BBB/USDT"}, "unknown-symbol"),
        ({"symbol": "no market"}, "unknown-symbol"),
        ({"interval": "7h"}, "malformed-request"),
        ({"interval": "1m"}, "not-enough-history"),
        ({"as_of": "2025"}, "malformed-request"),
        ({"as_of": utc_iso(RECEIVED_MS - 1)}, "not-enough-history"),
        ({"symbol": "BBB/USDT", "as_of": utc_iso(RECEIVED_MS - 1)}, "unknown-symbol"),
        ({"limit": "9" * 5000}, "malformed-request"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(stored, told, changes, kind):
    assert told("/api/candles", **ASKED | changes) == kind


def test_a_span_without_candles_is_empty(stored, told):
    answer = told("/api/candles", **ASKED, **{"from": "2020-01-01T00:00:00Z", "to": "2030-01-01T00:00:00Z"})
    assert [answer[name] for name in COLUMNS] == [[]] * 6


@pytest.mark.parametrize("hours", [1, 0])
def test_a_span_that_can_hold_nothing_is_refused_by_name(reading, hours):
    query = ASKED | {"from": utc_iso(hours * HOUR_MS), "to": utc_iso(0)}
    response = reading.get("/api/candles", params=query)
    (problem,) = response.json()["errors"]
    assert (response.status_code, problem["field"]) == (422, "to")
    assert problem["message"].startswith("is not after from")


def test_the_shortest_span_that_can_hold_a_candle_is_answered(stored, told):
    span = {"from": utc_iso(2 * HOUR_MS), "to": utc_iso(2 * HOUR_MS + 1)}
    assert told("/api/candles", **ASKED, **span)["open_time"] == [utc_iso(2 * HOUR_MS)]
