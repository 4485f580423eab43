"""Events delivered over HTTP: what became of each, and problems that repeat nothing of what was sent."""

import pytest

from forecasting.adapters.news.delivery import DeliveredEvents, HeldEvent
from forecasting.errors import AmbiguousInput, InvalidEvents, InvalidSettings, MachineError, StoreUnavailable
from forecasting.types import utc_iso
from serving.routes import events
from tests.serving.routes.conftest import NOW_MS

EVENT = {"time": "2022-07-01T04:24:00Z", "title": "somebody said", "source": "Wire"}
DELIVERED = DeliveredEvents(1, 2, 3, 1, (HeldEvent(4, "a_check", "a reason"),), ("a note",), covered=True)


@pytest.fixture
def requests(monkeypatch):
    """What the process is told; it answers `DELIVERED`."""
    asked = []
    monkeypatch.setattr(events, "deliver_in_child", lambda request: (asked.append(request), DELIVERED)[1])
    return asked


@pytest.fixture
def post(reading):
    return lambda **body: reading.client.post("/api/events", json=body)


def kind(response):
    assert "somebody said" not in response.text
    return response.status_code, response.json()["type"].rpartition(":")[2]


def test_what_became_of_a_delivery_is_told(requests, post):
    response = post(events=[EVENT])
    assert response.status_code == 200
    assert response.json() == {
        "added": 1, "unchanged": 2, "differing": 3, "quarantined": 1,
        "kept_out": [{"index": 4, "check": "a_check", "reason": "a reason"}], "covered": True, "notes": ["a note"],
    }  # fmt: skip


def test_the_door_is_handed_every_field_and_who_delivers(requests, post, reading):
    span = {"from": "2022-01-01T00:00:00Z", "until": utc_iso(NOW_MS)}
    more = {
        "url": "https://w.org/1",
        "symbols": ["BTC", "ETH/USDT"],
        "ai_related": False,
        "category": "c",
        "text": "t",
    }
    post(events=[EVENT | more], covers=span)
    (request,) = requests
    assert request.delivery.events == [
        {
            "time": EVENT["time"], "title": "somebody said", "source": "Wire", "url": "https://w.org/1", "category": "c",
            "text": "t", "symbols": "BTC,ETH/USDT", "ai": "false",
        }
    ]  # fmt: skip
    assert (request.delivery.name, request.now_ms) == ("api (local)", NOW_MS)
    assert [utc_iso(each) for each in request.delivery.covers_ms] == list(span.values())
    assert request.place.store_path == str(reading.settings.store_path)
    assert request.suite.is_file()


@pytest.mark.parametrize(
    "body",
    [
        {"events": []},
        {"events": [EVENT], "covers": {"from": "2022-07-02T00:00:00Z", "until": "2022-07-03T00:00:00Z"}},
        {"events": [], "covers": {"from": "2022-07-02T00:00:00Z", "until": utc_iso(NOW_MS + 1)}},
        {"events": [], "covers": {"from": "2022-07-02T00:00:00Z", "until": "2022-07-01T00:00:00Z"}},
        {"events": [EVENT | {"time": "2022-07-01"}]},
        {"events": [EVENT | {"title": 5}]},
        {"events": [EVENT] * 501},
        {"events": [EVENT | {"$where": "somebody said"}]},
    ],
)
def test_what_makes_no_sense_is_refused_before_a_process_is_started(requests, post, body):
    assert kind(post(**body)) == (422, "malformed-request")
    assert requests == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InvalidSettings("somebody said"), (409, "refused")),
        (AmbiguousInput("somebody said"), (422, "malformed-request")),
        (InvalidEvents("somebody said"), (422, "malformed-request")),
        (StoreUnavailable("somebody said"), (503, "store-unavailable")),
        (MachineError("somebody said"), (500, "internal")),
    ],
)
def test_what_the_door_refuses_is_a_problem(monkeypatch, post, error, told):
    def fails(request):
        raise error

    monkeypatch.setattr(events, "deliver_in_child", fails)
    assert kind(post(events=[EVENT])) == told


def test_no_more_processes_than_there_is_room_for_are_started(requests, post, monkeypatch):
    monkeypatch.setattr(events, "WAIT_SECONDS", 0.01)
    for _ in range(events.AT_ONCE):
        events._ROOM.acquire()
    try:
        response = post(events=[EVENT])
    finally:
        for _ in range(events.AT_ONCE):
            events._ROOM.release()
    assert (kind(response), requests) == ((503, "busy"), [])
    assert response.headers["retry-after"]
    assert post(events=[EVENT]).status_code == 200
