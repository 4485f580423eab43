"""A challenger answers who asks for it by name, as what it is: unproven, and never in the place of production."""

from dataclasses import replace

import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.forecaster.bundle import read_bundle
from forecasting.horizons import load_horizons
from serving.answers.market import Question
from serving.answers.shadows import Shadows
from serving.in_use.loading import served_model
from serving.in_use.snapshot import ProductionVersion
from serving.replay.replay import Replayer

SECONDS = 120.0


def asked(client, alias="challenger", **changes):
    question = {"symbol": "AAA/SIM", "horizon": "1h", "alias": alias} | changes
    response = client.post("/api/forecast", json=question)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.fixture
def production(serve, promote):
    """A server of the first version."""
    promote(1)
    client = serve()
    watcher = client.app.state.service.watcher
    assert watcher.wait_until(lambda now: "1h" in now.models, SECONDS)
    assert watcher.stop()
    return client


@pytest.fixture
def client(production, world):
    """A server of the first version whose challenger is the second, said to be proven somewhere."""
    version = ProductionVersion(world.versions[1].version, world.versions[1].digest, "proven")
    bundle = read_bundle(world.bundles[1], world.versions[1].digest)
    watcher = production.app.state.service.watcher
    challengers = {"1h": served_model(bundle, version, None, 0)}
    watcher._snapshot = replace(watcher.snapshot, challengers=challengers)
    return production


def test_the_challenger_answers_and_is_never_called_proven(client, world):
    found = asked(client)
    assert (found["alias"], found["model_id"]) == ("challenger", world.versions[1].model_id)
    assert found["source"] == "challenger"
    assert (found["evidence"], found["model_type"], found["fallback_reason"]) == ("unproven", "ml", None)


def test_production_and_challenger_are_never_mixed_in_the_cache(client, world):
    for _ in range(4):
        for alias, number in (("production", 0), ("challenger", 1)):
            assert asked(client, alias)["model_id"] == world.versions[number].model_id
    assert asked(client, "challenger")["cached"] is True
    assert asked(client, "production")["alias"] == "production"


def test_where_there_is_no_challenger_naive_answers_and_not_production(production):
    found = asked(production)
    assert (found["model_type"], found["alias"]) == ("naive", "challenger")
    assert found["fallback_reason"] == "no challenger for 1h is loaded"


def test_a_challenger_that_fails_is_replaced_by_naive(client, monkeypatch):
    model = client.app.state.service.watcher.snapshot.challengers["1h"]
    monkeypatch.setattr(model.forecaster, "predict", lambda X: X[5, 5])
    assert asked(client)["fallback_reason"] == f"the challenger {model.model_id} raised IndexError"
    assert asked(client, "production")["model_type"] == "ml"


def test_a_batch_asks_the_challenger(client, world):
    query = {"symbols": "AAA/SIM,CCC/SIM", "horizon": "1h", "alias": "challenger"}
    first, second = client.get("/api/forecast/batch", params=query).json()["items"]
    assert first["forecast"]["model_id"] == world.versions[1].model_id
    assert second["forecast"]["fallback_reason"].startswith("the challenger ")


def test_its_answer_is_logged_as_its_own_and_replays_to_the_last_bit(client, installation, source, world):
    found = asked(client)
    service = client.app.state.service
    assert service.writer.flush(SECONDS)
    store = open_store(None, installation.settings.store_path, "unused")
    logged = ForecastLog(store).get(found["forecast_id"])
    assert (logged.forecast.alias, logged.forecast.bundle) == ("challenger", world.versions[1].digest)
    market = service.door.stored()
    replay = Replayer(market.candles, market.events, source, load_horizons()).replay(logged)
    store.close()
    assert replay.identical, replay.differences


def test_an_alias_that_is_none_is_refused(production):
    question = {"symbol": "AAA/SIM", "horizon": "1h", "alias": "previous"}
    response = production.post("/api/forecast", json=question)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "alias")


def shadowed(client, installation):
    """Forecasts of the challenger that are logged once all shadows were asked."""
    service = client.app.state.service
    assert service.shadows.stop(SECONDS)
    assert service.writer.flush(SECONDS)
    store = open_store(None, installation.settings.store_path, "unused")
    found = [each.forecast for each in ForecastLog(store).find() if each.forecast.alias == "challenger"]
    store.close()
    return found


def test_where_production_answers_the_challenger_is_asked_once_a_candle(client, installation, world):
    answers = [asked(client, "production") for _ in range(5)]
    (shadow,) = shadowed(client, installation)
    assert {each["alias"] for each in answers} == {"production"}
    assert (shadow.bundle, shadow.symbol) == (world.versions[1].digest, "AAA/SIM")
    assert (shadow.answer["alias"], shadow.answer["evidence"]) == ("challenger", "unproven")
    assert shadow.as_of_ms == world.newest_close_ms


def test_a_past_moment_and_a_market_it_does_not_know_bring_no_shadow(client, installation):
    asked(client, "production", timestamp="2021-02-20T00:00:00Z")
    asked(client, "production", symbol="CCC/SIM")
    assert shadowed(client, installation) == []


def test_a_challenger_that_fails_in_the_shadow_is_noticed_by_nobody_who_asks(
    client, installation, monkeypatch
):
    model = client.app.state.service.watcher.snapshot.challengers["1h"]
    monkeypatch.setattr(model.forecaster, "predict", lambda X: X[5, 5])
    assert asked(client, "production")["model_type"] == "ml"
    (shadow,) = shadowed(client, installation)
    assert shadow.answer["model_type"] == "naive"


def test_more_shadows_than_may_wait_are_dropped(client):
    service = client.app.state.service
    shadows = Shadows(capacity=1)
    question = Question("AAA/SIM", service.horizons["1h"], 0)
    for as_of_ms in (1, 1, 2, 3):
        shadows.offer(question, service.watcher.snapshot, as_of_ms)
    assert (shadows._waiting.qsize(), shadows.dropped) == (1, 2)
