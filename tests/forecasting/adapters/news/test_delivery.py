"""Events that a program hands over, with the real suite: each is judged for itself, and the same again changes nothing."""

import json
from pathlib import Path

import numpy as np
import pytest

from forecasting.adapters.news.delivering import DeliveryRequest, deliver_in_child
from forecasting.adapters.news.delivery import DeliveredEvents, Delivery
from forecasting.adapters.news.delivery_intake import take_in_delivery
from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.quarantine_decisions import release
from forecasting.adapters.simulator import SYMBOLS
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import Candles
from forecasting.errors import AmbiguousInput, InvalidSettings, MachineError
from forecasting.settings import load_settings
from forecasting.types import HOUR_MS, parse_utc

SUITE = Path(__file__).parents[4] / "expectations" / "events.json"
NOW_MS = parse_utc("2023-01-01")
TIME = "2022-07-01T04:24:00Z"
GOOD = {"time": TIME, "title": "Bitcoin and AI", "source": "Wire", "url": "https://w.org/1"}
FUTURE = GOOD | {"time": "2023-01-01T00:00:01Z", "url": "https://w.org/2"}
ANCIENT = GOOD | {"time": "1999-01-01T00:00:00Z", "url": "https://w.org/3"}


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", mongo_uri="")


@pytest.fixture
def workspace(settings):
    with open_workspace(settings) as opened:
        yield opened


@pytest.fixture
def deliver(workspace):
    def to(*events, covers_ms=None):
        return take_in_delivery(workspace, Delivery("api (jan)", events, covers_ms), SUITE, NOW_MS)

    return to


def counts(told):
    return told.added, told.unchanged, told.differing, told.quarantined


def spans(workspace):
    return [(span.from_ms, span.until_ms) for span in workspace.events.coverage()]


def test_the_same_events_twice_are_stored_once(deliver, workspace):
    assert counts(deliver(GOOD, GOOD | {"url": None})) == (2, 0, 0, 0)
    assert counts(deliver(GOOD, GOOD | {"url": None})) == (0, 2, 0, 0)
    (first, _) = workspace.events.find()
    assert (first.record.symbols, first.record.ai_related) == (("BTC",), True)


def test_a_faulty_event_is_kept_out_alone_and_told(deliver, workspace):
    told = deliver(FUTURE, GOOD, ANCIENT, GOOD | {"title": None, "url": None})
    assert counts(told) == (1, 0, 0, 3)
    assert [(each.index, each.check) for each in told.held] == [
        (0, "not_from_the_future"), (2, "has_time"), (3, "has_content"),
    ]  # fmt: skip
    assert sorted(row.fault.place for row in workspace.quarantine.find()) == [
        "events[0]",
        "events[2]",
        "events[3]",
    ]


def test_one_event_that_is_faulty_is_not_lost(deliver, workspace):
    assert counts(deliver(FUTURE)) == counts(deliver(FUTURE)) == (0, 0, 0, 1)
    assert len(list(workspace.quarantine.find())) == 1
    assert [each.kind for each in AlertBook(workspace.store).newest()] == ["quarantine"]


def test_an_event_that_a_person_released_is_let_through(deliver, workspace):
    deliver(FUTURE)
    (row,) = workspace.quarantine.find()
    release(workspace, [row], NOW_MS)
    told = deliver(FUTURE)
    assert told.quarantined == 0
    assert [each.record.url for each in workspace.events.find()] == ["https://w.org/2"]


def test_a_span_is_covered_as_it_was_said(deliver, workspace):
    span = (parse_utc(TIME) - 5, NOW_MS)
    assert deliver(GOOD, covers_ms=span).covered
    assert spans(workspace) == [span]


def test_a_span_without_events_can_be_said_to_be_complete(deliver, workspace):
    assert deliver(covers_ms=(5, NOW_MS)) == DeliveredEvents(0, 0, 0, 0, (), (), covered=True)
    assert spans(workspace) == [(5, NOW_MS)]


def test_a_span_is_not_complete_where_an_event_of_it_is_kept_out(deliver, workspace):
    assert not deliver(GOOD, FUTURE, covers_ms=(5, NOW_MS)).covered
    assert spans(workspace) == [(parse_utc(TIME), parse_utc(TIME))]


@pytest.mark.parametrize("covers_ms", [(5, NOW_MS + 1), (NOW_MS, 5), (parse_utc(TIME) + 1, NOW_MS)])
def test_a_span_that_cannot_be_is_refused_before_anything_is_stored(deliver, workspace, covers_ms):
    with pytest.raises(InvalidSettings, match="is needed"):
        deliver(GOOD, covers_ms=covers_ms)
    assert list(workspace.events.find()) == []


def test_events_of_nobody_are_refused(deliver):
    with pytest.raises(AmbiguousInput):
        deliver({"time": TIME, "title": "Up", "source": " - "})


def test_real_events_stay_out_of_a_simulated_world(deliver, workspace):
    times = np.arange(3, dtype=np.int64) * HOUR_MS
    ones = np.ones(3)
    workspace.candles.write(
        Candles(SYMBOLS[0], "1h", times, ones, ones, ones, ones, ones), received_ms=NOW_MS
    )
    with pytest.raises(InvalidSettings, match="simulated"):
        deliver(GOOD)


def test_a_process_of_its_own_takes_events_in_and_tells_what_became_of_them(settings, workspace):
    place = WorkspacePlace.of(settings)
    request = DeliveryRequest(place, Delivery("api (jan)", [GOOD, FUTURE], (5, NOW_MS)), SUITE, NOW_MS)
    assert DeliveryRequest.from_json(request.to_json()) == request
    told = deliver_in_child(request)
    assert (counts(told), told.covered, told.held[0].index) == ((1, 0, 0, 1), False, 1)
    assert [each.record.source for each in workspace.events.find()] == ["Wire"]
    with pytest.raises(InvalidSettings, match="is needed"):
        deliver_in_child(DeliveryRequest(place, Delivery("api", [], (5, NOW_MS + 1)), SUITE, NOW_MS))


def test_a_process_that_hangs_is_told_so(settings):
    request = DeliveryRequest(WorkspacePlace.of(settings), Delivery("api", [GOOD]), SUITE, NOW_MS)
    with pytest.raises(MachineError, match="did not end within"):
        deliver_in_child(request, seconds=0.01)


def test_a_place_shows_no_password():
    place = WorkspacePlace("mongodb://me:secret@host", "", "", "http://me:secret@host", "", "", "", "")
    assert "secret" not in repr(place)
    assert "secret" in json.dumps(place.mongo_uri)
