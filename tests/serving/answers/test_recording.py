"""What the API logs of an answer, and that an answer needs no log."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.collections import SERVED_FORECASTS
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.adapters.store.sqlite import SqliteStore
from forecasting.errors import StoreUnavailable
from forecasting.events import Events
from forecasting.features.market import MarketData
from forecasting.horizons import load_horizons
from forecasting.types import HOUR_MS, parse_utc
from serving.answers.recording import software, used_rows
from serving.app import create_app
from serving.in_use.watcher import wall_clock_ms
from serving.routes import service

SECONDS = 30.0
ASKED = {"symbol": "AAA/SIM", "horizon": "1h"}


def answered(client, **changes):
    response = client.post("/api/forecast", json=ASKED | changes)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.fixture
def logged(installation):
    """Read the forecast of an answer back from the store, once it is there."""
    stores = []

    def read(client, answer):
        assert client.app.state.service.writer.flush(SECONDS)
        stores.append(open_store(None, installation.settings.store_path, "unused"))
        return ForecastLog(stores[-1]).get(answer["forecast_id"])

    yield read
    for store in stores:
        store.close()


@pytest.fixture
def in_production(serve, promote):
    promote(1)
    client = serve()
    # However busy the machine is: a server lets requests in before a model that takes long to load is there.
    assert client.app.state.service.watcher.wait_until(lambda now: "1h" in now.models, 120.0)
    return client


def test_every_answer_is_logged_as_it_was_sent(in_production, logged, world, installation):
    client = in_production
    before_ms = wall_clock_ms()
    answer = answered(client)
    found = logged(client, answer)
    assert found.intact
    forecast = found.forecast
    told = {name: value for name, value in answer.items() if name not in ("cached", "checked_at")}
    assert {**forecast.answer, "forecast_id": found.forecast_id} == told
    assert (forecast.symbol, forecast.horizon, forecast.alias) == ("AAA/SIM", "1h", "production")
    assert forecast.bundle == world.versions[0].digest
    assert forecast.trained_label_end_ms == parse_utc(answer["trained_until"])
    assert forecast.asked_ms == installation.now_ms
    assert forecast.as_of_ms == world.newest_close_ms
    assert forecast.label_end_ms == world.newest_close_ms + HOUR_MS
    assert before_ms <= forecast.served_ms <= wall_clock_ms()
    assert forecast.horizon_settings == load_horizons()["1h"].model_dump(mode="json")
    assert forecast.software == software()


def test_naive_is_logged_with_its_reason_and_without_a_bundle(serve, logged):
    client = serve()
    forecast = logged(client, answered(client)).forecast
    assert (forecast.bundle, forecast.trained_label_end_ms) == (None, None)
    assert forecast.answer["fallback_reason"] == "no production model for 1h"


def test_a_model_that_was_asked_and_did_not_answer_is_logged(in_production, logged, world):
    client = in_production
    forecast = logged(client, answered(client, symbol="CCC/SIM")).forecast
    assert forecast.answer["model_type"] == "naive"
    assert forecast.bundle == world.versions[0].digest


def test_the_rows_that_were_read_are_logged(in_production, logged, world):
    client = in_production
    candles, events = logged(client, answered(client)).forecast.inputs
    assert (candles.title, candles.rows) == ("candles of AAA/SIM 1h", world.spec.history_bars)
    assert candles.last_ms == world.newest_close_ms
    assert candles.first_ms == world.newest_close_ms - world.spec.history_ms
    assert (events.title, events.last_ms) == ("events of AAA/SIM", world.newest_close_ms)


def test_each_answer_has_an_id_of_its_own_and_they_sort_by_time(serve):
    client = serve()
    moments = [{"timestamp": f"2021-02-{day:02d}T00:00:00Z"} for day in range(1, 6)]
    ids = [answered(client, **moment)["forecast_id"] for moment in moments]
    assert len(set(ids)) == 5
    assert [each[:10] for each in ids] == sorted(each[:10] for each in ids)


def test_what_is_asked_shortly_before_the_end_is_logged(installation, client_of):
    with client_of(create_app(installation.settings, clock=lambda: installation.now_ms)) as client:
        ids = {answered(client, symbol=symbol)["forecast_id"] for symbol in ("AAA/SIM", "BBB/SIM")}
    store = open_store(None, installation.settings.store_path, "unused")
    assert {each.forecast_id for each in ForecastLog(store).find()} == ids
    store.close()


def test_answers_go_on_while_nothing_can_be_written(serve, monkeypatch):
    put_new = SqliteStore.put_new

    def away(store, collection, documents):
        if collection == SERVED_FORECASTS:
            raise StoreUnavailable("the disk is full")
        return put_new(store, collection, documents)

    client = serve()
    monkeypatch.setattr(SqliteStore, "put_new", away)
    assert answered(client)["forecast_id"] is not None
    client.app.state.service.writer._capacity = 1
    assert answered(client)["forecast_id"] is None
    monkeypatch.undo()


def test_an_answer_that_cannot_be_described_is_sent_all_the_same(serve, monkeypatch, caplog):
    client = serve()

    def broken(*_):
        raise RuntimeError("no words")

    monkeypatch.setattr(service, "served_forecast", broken)
    assert answered(client)["forecast_id"] is None
    assert "an answer for AAA/SIM 1h cannot be logged" in caplog.text


def test_one_other_bit_of_what_was_read_changes_its_digest(world):
    candles, events = world.candles["AAA/SIM"], world.events["AAA/SIM"]
    close = candles.close.copy()
    close[7] = np.nextafter(close[7], 0)
    times = events.timestamp_ms.copy()
    times[0] += 1
    data = MarketData(candles, events)
    before = used_rows(data)
    other_candles = used_rows(replace(data, candles=replace(candles, close=close)))
    other_events = used_rows(replace(data, events=replace(events, timestamp_ms=times)))
    assert (before[0] == other_candles[0], before[1] == other_candles[1]) == (False, True)
    assert (before[0] == other_events[0], before[1] == other_events[1]) == (True, False)


def test_where_there_are_no_events_nothing_is_said_of_them(world):
    nothing = np.empty(0, dtype=np.int64)
    covered = Events(nothing, nothing, nothing.astype(bool), 5, 9)
    candles = world.candles["AAA/SIM"].take(slice(0, 0))
    assert [each.kind for each in used_rows(MarketData(candles))] == ["candles"]
    empty, none = used_rows(MarketData(candles, covered))
    assert (empty.rows, empty.digest) == (0, hashlib.sha256().hexdigest())
    assert (none.rows, none.first_ms, none.last_ms) == (0, 5, 9)


def test_the_software_is_named_with_its_versions():
    assert set(software()) > {"foretick", "code", "numpy", "lightgbm", "python", "machine"}
    assert software()["numpy"] == np.__version__
