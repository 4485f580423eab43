"""One asset over any look-ahead: the model where there is one, else naive in the same request."""

import numpy as np
import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.candles import Candles
from forecasting.features.market import MarketData
from forecasting.features.table import latest_features
from forecasting.types import DAY_MS
from serving.schemas.asset import AssetAnswer


@pytest.fixture
def in_production(serve, promote):
    promote(1)
    client = serve()
    # However busy the machine is: a server lets requests in before a model that takes long to load is there.
    assert client.app.state.service.watcher.wait_until(lambda now: "1h" in now.models, 120.0)
    return client


def asset(client, **changes):
    asked = {"symbol": "AAA-SIM", "horizon_minutes": 60, "lookback_days": 30} | changes
    response = client.get("/forecast/asset", params=asked)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_model_of_that_look_ahead_answers_with_its_features(in_production, world, installation):
    found = asset(in_production)
    alone = in_production.post("/api/forecast", json={"symbol": "AAA/SIM", "horizon": "1h"}).json()
    assert (found["model_type"], found["model_name"]) == ("ml", "forecast-1h")
    assert (found["expected_return"], found["confidence"]) == (alone["pred_return"], alone["conf"])
    assert (found["as_of"], found["regime"]) == (alone["as_of"], alone["regime"]["label"])
    assert found["direction"] == ("up" if alone["pred_return"] > 0 else "down")
    assert found["fallback_reason"] is None
    data = MarketData(world.candles["AAA/SIM"], world.events["AAA/SIM"])
    _, row = latest_features(data, world.spec, installation.now_ms)
    assert list(found["features"]) == list(world.spec.names)
    given = [np.nan if each is None else each for each in found["features"].values()]
    assert np.array(given).tobytes() == row.tobytes()
    assert found["n_points"] == world.spec.history_bars


def test_another_look_ahead_gets_naive_over_the_days_asked(in_production, world):
    found = asset(in_production, horizon_minutes=120, lookback_days=20)
    assert (found["model_type"], found["lookback_days"]) == ("naive", 20)
    assert found["fallback_reason"].startswith("no production model of 120 minutes")
    candles = world.candles["AAA/SIM"]
    ahead = candles.close[2:] / candles.close[:-2] - 1
    whole = candles.open_time_ms[2:] - candles.open_time_ms[:-2] == 7_200_000
    even = candles.close_time_ms[:-2] >= candles.close_time_ms[-1] - 20 * 86_400_000
    # 2 h bars are made of the hours, so only every other return is one of theirs.
    assert found["n_points"] == pytest.approx(20 * 12, abs=5)
    assert found["expected_return"] == pytest.approx(ahead[whole & even].mean(), abs=2e-3)


@pytest.mark.parametrize("minutes", [300, 660, 960])
def test_a_look_ahead_of_which_no_feature_looks_back_is_answered(in_production, minutes):
    found = asset(in_production, horizon_minutes=minutes)
    assert (found["model_type"], found["horizon_minutes"]) == ("naive", minutes)


def test_an_answer_names_its_rung_and_the_age_of_its_candles(in_production):
    found = asset(in_production)
    alone = in_production.post("/api/forecast", json={"symbol": "AAA/SIM", "horizon": "1h"}).json()
    for field in ("source", "data_age_minutes", "stale"):
        assert found[field] == alone[field], field


@pytest.mark.parametrize("minutes", [60, 120])
def test_an_answer_from_stale_candles_says_so(in_production, installation, minutes):
    installation.now_ms += 365 * DAY_MS
    found = asset(in_production, horizon_minutes=minutes)
    assert (found["source"], found["stale"]) == ("naive", True)
    assert found["data_age_minutes"] == 365 * 24 * 60 + 30


def test_a_market_the_model_does_not_know_gets_naive(in_production):
    found = asset(in_production, symbol="CCC-SIM")
    assert (found["model_type"], found["market"]) == ("naive", "CCC/SIM")


def test_a_model_that_fails_is_replaced_by_naive_in_the_same_request(in_production, monkeypatch):
    model = in_production.app.state.service.watcher.snapshot.models["1h"].forecaster
    monkeypatch.setattr(model, "predict", lambda X: X[5, 5])
    found = asset(in_production)
    assert (found["model_type"], found["lookback_days"]) == ("naive", 30)
    assert found["fallback_reason"].endswith("raised IndexError")


def test_dollars_are_answered_by_the_one_stablecoin_market_and_it_says_so(serve, installation, world):
    theirs = world.candles["AAA/SIM"]
    store = open_store(None, installation.settings.store_path, "unused")
    columns = (theirs.open_time_ms, theirs.open, theirs.high, theirs.low, theirs.close, theirs.volume)
    CandleStore(store).write(Candles("AAA/USDT", "1h", *columns))
    store.close()
    found = asset(serve(), symbol="aaa-usd")
    assert (found["symbol"], found["market"]) == ("AAA/USD", "AAA/USDT")
    assert found["market_rule"] == "dollar stablecoin"


def test_the_answer_that_was_sent_is_logged_and_no_other(in_production, installation):
    found = asset(in_production, horizon_minutes=180)
    assert in_production.app.state.service.writer.flush(30.0)
    store = open_store(None, installation.settings.store_path, "unused")
    (logged,) = ForecastLog(store).find()
    assert logged.forecast_id == found["forecast_id"]
    assert logged.forecast.answer["pred_return"] == found["expected_return"]
    assert logged.forecast.horizon_settings["look_ahead_minutes"] == 180
    store.close()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"symbol": "NOPE-USD"}, 404),
        ({"symbol": "'; drop"}, 404),
        ({"horizon_minutes": 0}, 422),
        ({"horizon_minutes": 10**30}, 422),
        ({"lookback_days": 3651}, 422),
        ({"horizon_minutes": 61}, 409),
        ({"horizon_minutes": 43_200, "lookback_days": 3}, 409),
    ],
)
def test_what_cannot_be_answered_is_a_problem(serve, changes, status):
    asked = {"symbol": "AAA-SIM", "horizon_minutes": 60} | changes
    response = serve().get("/forecast/asset", params=asked)
    assert (response.status_code, response.json()["status"]) == (status, status)
    assert "drop" not in response.text
    assert "NOPE" not in response.text


def test_the_example_of_an_asset_is_one():
    (example,) = AssetAnswer.model_json_schema()["examples"]
    assert AssetAnswer.model_validate(example).model_dump(mode="json") == example
