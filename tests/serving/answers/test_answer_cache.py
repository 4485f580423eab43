"""An answer is given again only while nothing has changed that it rests on."""

import json

import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.adapters.store.sqlite import SqliteStore
from forecasting.candles import VALUE_COLUMNS, Candles
from forecasting.errors import StoreUnavailable
from forecasting.horizons import load_horizons
from forecasting.monitoring.trip import Trip
from forecasting.types import HOUR_MS, MINUTE_MS, utc_iso
from serving.replay.replay import Replayer

SECONDS = 120.0


def asked(client, headers=None, **changes):
    question = {"symbol": "AAA/SIM", "horizon": "1h"} | changes
    response = client.post("/api/forecast", json=question, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


def service(client):
    return client.app.state.service


def same(one, other):
    varied = ("forecast_id", "cached", "checked_at", "timestamp", "data_age_minutes")
    return all(one[name] == other[name] for name in one if name not in varied)


@pytest.fixture
def client(serve, promote):
    """A server whose thread does not follow the store by itself, and that has answered twice."""
    promote(1)
    found = serve()
    assert service(found).watcher.wait_until(lambda now: "1h" in now.models, SECONDS)
    service(found).held.stop()
    asked(found), asked(found)
    return found


@pytest.fixture
def stored(installation):
    store = open_store(None, installation.settings.store_path, "unused")
    yield store
    store.close()


def next_candle(world, rise=1.0, hours=1):
    last = world.candles["AAA/SIM"].take(slice(-1, None))
    values = (getattr(last, name) * rise for name in VALUE_COLUMNS)
    return Candles("AAA/SIM", "1h", last.open_time_ms + hours * HOUR_MS, *values)


def test_the_same_answer_is_repeated_under_an_id_of_its_own(client):
    first, second = asked(client), asked(client)
    assert first["cached"] is second["cached"] is True
    assert first["forecast_id"] != second["forecast_id"] or first["timestamp"] == second["timestamp"]
    assert same(first, asked(client, {"Cache-Control": "no-cache"}))


def test_no_cache_computes_anew(client, monkeypatch):
    assert asked(client, {"Cache-Control": "no-cache"})["cached"] is False


def test_a_repeat_tells_the_age_of_its_candle_at_the_moment_asked(client, installation):
    installation.now_ms += 10 * MINUTE_MS
    found = asked(client)
    assert (found["cached"], found["data_age_minutes"], found["stale"]) == (True, 40.0, False)
    assert found["timestamp"] == utc_iso(installation.now_ms)


def test_no_model_repeats_itself_from_candles_that_have_become_too_old(client, installation):
    installation.now_ms += 4 * HOUR_MS
    found = asked(client)
    assert (found["cached"], found["model_type"], found["stale"]) == (False, "naive", True)


@pytest.mark.parametrize(("rise", "hours"), [(1.01, 1), (1.01, 0)])
def test_a_new_or_revised_candle_ends_it(client, stored, world, installation, rise, hours):
    before = asked(client)
    installation.now_ms += HOUR_MS
    CandleStore(stored).write(next_candle(world, rise, hours))
    service(client).held.look()
    found = asked(client)
    assert found["cached"] is False
    assert not same(found, before)


def test_a_past_moment_is_never_answered_from_it(client, installation):
    assert asked(client, timestamp=utc_iso(installation.now_ms - HOUR_MS))["cached"] is False
    assert asked(client)["cached"] is True


def test_another_model_ends_it(client, promote, world):
    promote(2)
    number = world.versions[1].version
    watcher = service(client).watcher
    assert watcher.wait_until(lambda now: now.models["1h"].version.number == number, SECONDS)
    found = asked(client)
    assert (found["cached"], found["model_version"]) == (False, number)


def test_other_evidence_ends_it(client, promote):
    promote(1, evidence="proven")
    watcher = service(client).watcher
    assert watcher.wait_until(lambda now: now.models["1h"].evidence == "proven", SECONDS)
    assert asked(client)["evidence"] == "proven"


def test_a_breaker_ends_it_and_naive_is_repeated_while_it_is_open(client, installation, monkeypatch):
    model = service(client).watcher.snapshot.models["1h"]
    board = service(client).breakers
    trip = Trip("constant", "it says so", installation.now_ms)
    monkeypatch.setattr(type(board), "trips", lambda *_: (trip,))
    found = asked(client)
    assert (found["cached"], found["model_type"]) == (False, "naive")
    assert found["fallback_reason"].startswith(f"breaker constant of {model.model_id}")
    assert asked(client)["cached"] is True
    monkeypatch.undo()
    assert asked(client)["model_type"] == "ml"


def test_a_model_that_failed_is_asked_again(client, monkeypatch):
    model = service(client).watcher.snapshot.models["1h"].forecaster
    calls = []
    monkeypatch.setattr(model, "predict", lambda X: calls.append(X) or X[5, 5])
    for _ in range(3):
        assert asked(client, {"Cache-Control": "no-cache"})["model_type"] == "naive"
    assert len(calls) == 3


def test_naive_without_a_model_is_repeated_until_there_is_one(serve, promote):
    client = serve()
    asked(client), asked(client)
    assert asked(client)["cached"] is True
    promote(1)
    assert service(client).watcher.wait_until(lambda now: "1h" in now.models, SECONDS)
    assert asked(client)["model_type"] == "ml"


def test_markets_and_horizons_are_told_apart(client):
    for symbol, horizon in (("BBB/SIM", "1h"), ("AAA/SIM", "1d"), ("CCC/SIM", "1h")):
        asked(client, symbol=symbol, horizon=horizon), asked(client, symbol=symbol, horizon=horizon)
        found = asked(client, symbol=symbol, horizon=horizon)
        assert (found["cached"], found["symbol"], found["horizon"]) == (True, symbol, horizon)
    assert (asked(client)["symbol"], asked(client)["horizon"]) == ("AAA/SIM", "1h")


def test_answers_go_on_while_the_store_is_away(client, monkeypatch):
    def away(*_, **__):
        raise StoreUnavailable("gone")

    for name in ("find", "get", "put_new"):
        monkeypatch.setattr(SqliteStore, name, away)
    assert asked(client)["model_type"] == "ml"
    assert asked(client, {"Cache-Control": "no-cache"})["model_type"] == "ml"
    monkeypatch.undo()


def test_a_model_that_fails_while_the_store_is_away_is_replaced_by_naive(client, monkeypatch):
    service(client).held.look()

    def away(*_, **__):
        raise StoreUnavailable("gone")

    for name in ("find", "get", "put_new"):
        monkeypatch.setattr(SqliteStore, name, away)
    model = service(client).watcher.snapshot.models["1h"].forecaster
    monkeypatch.setattr(model, "predict", lambda X: X[5, 5])
    assert asked(client, {"Cache-Control": "no-cache"})["model_type"] == "naive"
    monkeypatch.undo()


def test_a_repeat_is_logged_and_replays_to_the_last_bit(client, stored, source):
    found = asked(client)
    assert found["cached"] is True
    assert service(client).writer.flush(SECONDS)
    logged = ForecastLog(stored).get(found["forecast_id"])
    assert logged.intact
    assert {**logged.forecast.answer, "forecast_id": logged.forecast_id} == {
        name: value for name, value in found.items() if name not in ("cached", "checked_at")
    }
    market = service(client).door.stored()
    replay = Replayer(market.candles, market.events, source, load_horizons()).replay(logged)
    assert replay.identical, replay.differences


def test_a_batch_repeats_what_a_single_answer_would(client):
    (item,) = client.get("/api/forecast/batch", params={"symbols": "AAA/SIM", "horizon": "1h"}).json()[
        "items"
    ]
    assert item["forecast"]["cached"] is True
    assert same(item["forecast"], asked(client))


def test_a_repeat_has_the_fields_of_any_answer_in_their_order(client):
    def order(**more):
        response = client.post("/api/forecast", json={"symbol": "AAA/SIM", "horizon": "1h"}, **more)
        return list(json.loads(response.text))

    assert order() == order(headers={"Cache-Control": "no-cache"})


def test_a_repeat_that_cannot_be_logged_is_repeated_all_the_same(client, monkeypatch):
    monkeypatch.setattr(type(service(client).writer), "offer", lambda *_: False)
    found = asked(client)
    assert (found["cached"], found["forecast_id"]) == (True, None)
