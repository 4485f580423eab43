import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.candles import Candles
from forecasting.errors import StoreUnavailable
from forecasting.features.market import MarketData
from forecasting.features.regime import regime_of, regime_scores
from forecasting.features.table import latest_features
from forecasting.features.volatility import ewma_volatility
from forecasting.forecaster.bundle import read_bundle
from forecasting.settings import load_settings
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS, utc_iso
from serving.answers.market import StoreDoor
from serving.app import create_app
from serving.in_use import pointers
from serving.schemas.forecasts import ForecastAnswer
from serving.schemas.health import Ready

SECONDS = 30.0
ASKED = {"symbol": "AAA/SIM", "horizon": "1h"}
ANSWER = [
    "symbol", "horizon", "timestamp", "pred_return", "conf", "p_up", "alias", "source", "model_id", "model_type", "model_name",
    "model_version", "evidence", "as_of", "data_age_minutes", "stale", "trained_until", "fallback_reason",
    "regime", "interval_80", "interval_90", "members", "consensus", "forecast_id", "cached", "checked_at",
]  # fmt: skip


def ask(client, **changes):
    return client.post("/api/forecast", json=ASKED | changes)


def answered(client, **changes):
    response = ask(client, **changes)
    assert response.status_code == 200, response.text
    return response.json()


def said(client, **changes):
    """The answer without its id, which tells one from the next."""
    return ask(client, **changes).text.partition(',"forecast_id":')[0]


def problem(response):
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == response.status_code
    return document


def watcher(client):
    return client.app.state.service.watcher


@pytest.fixture
def in_production(serve, promote):
    promote(1)
    return serve()


def test_the_production_model_answers_and_says_so(in_production, world, installation):
    answer = answered(in_production)
    assert list(answer) == ANSWER
    assert {name: answer[name] for name in ("symbol", "horizon", "model_type", "model_name")} == {
        "symbol": "AAA/SIM", "horizon": "1h", "model_type": "ml", "model_name": "forecast-1h",
    }  # fmt: skip
    assert answer["model_id"] == world.versions[0].model_id
    assert answer["model_version"] == world.versions[0].version
    assert (answer["evidence"], answer["fallback_reason"]) == ("unproven", None)
    assert answer["trained_until"] == utc_iso(read_bundle(world.bundles[0]).manifest.trained_label_end_ms)


def test_served_numbers_are_those_of_the_mlflow_model_to_the_last_bit(
    in_production, world, installation, monkeypatch
):
    import mlflow

    # Not by a call, which would outlive the test.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", installation.settings.tracking_uri)
    loaded = mlflow.pyfunc.load_model(f"models:/forecast-1h/{world.versions[0].version}")
    for back in range(0, 200, 20):
        moment_ms = installation.now_ms - back * HOUR_MS
        for symbol in ("AAA/SIM", "BBB/SIM"):
            _, row = latest_features(
                MarketData(world.candles[symbol], world.events[symbol]), world.spec, moment_ms
            )
            expected = loaded.predict(pd.DataFrame(row[None, :], columns=list(world.spec.names))).iloc[0]
            answer = answered(in_production, symbol=symbol, timestamp=utc_iso(moment_ms))
            found = np.array([answer["pred_return"], answer["p_up"], answer["conf"]])
            assert found.tobytes() == expected[["pred_return", "p_up", "conf"]].to_numpy().tobytes()


def test_the_same_question_has_the_same_answer(in_production):
    assert said(in_production) == said(in_production)


def test_the_answer_is_the_one_of_the_training_row_of_that_moment(in_production, world):
    model = watcher(in_production).snapshot.models["1h"].forecaster
    for row in np.flatnonzero(world.dataset.symbol == 0)[::100]:
        moment = utc_iso(int(world.dataset.as_of_ms[row]))
        answer = answered(in_production, timestamp=moment)
        assert answer["as_of"] == moment
        assert answer["pred_return"] == model.predict(world.dataset.X[[row]]).pred_return[0]


def test_the_model_gets_the_features_of_the_training_row_events_included(in_production, world, monkeypatch):
    model = watcher(in_production).snapshot.models["1h"].forecaster
    predict, given = model.predict, []
    monkeypatch.setattr(model, "predict", lambda X: (given.append(X), predict(X))[1])
    rows = np.flatnonzero(world.dataset.symbol == 1)[::100]
    for row in rows:
        answered(in_production, symbol="BBB/SIM", timestamp=utc_iso(int(world.dataset.as_of_ms[row])))
    assert np.concatenate(given).tobytes() == world.dataset.X[rows].tobytes()
    events = [world.spec.names.index(name) for name in world.spec.event_names]
    assert np.isfinite(world.dataset.X[rows][:, events]).mean() > 0.5


def test_the_answer_tells_the_regime_of_the_candles_it_was_made_of(in_production, world):
    for symbol in ("AAA/SIM", "BBB/SIM", "CCC/SIM"):
        candles = world.candles[symbol]
        scores = regime_scores(candles)[-900:]
        for row in (int(np.argmax(scores)), int(np.argmin(scores)), *range(0, 900, 100)):
            # The hour that is open half an hour after the close must not be seen.
            moment_ms = int(candles.close_time_ms[row - 900]) + HOUR_MS // 2
            answer = answered(in_production, symbol=symbol, timestamp=utc_iso(moment_ms))
            label = regime_of(scores[row]).value
            assert answer["regime"] == {"label": label, "score": scores[row], "window_bars": 30}
        assert {regime_of(score).value for score in scores} == {"uptrend", "downtrend", "chop"}


def test_where_too_many_candles_are_absent_the_regime_is_unknown(serve, installation, world):
    store = open_store(None, installation.settings.store_path, "unused")
    times = world.newest_close_ms + HOUR_MS * np.arange(24, 34)
    price = np.ones(10)
    CandleStore(store).write(Candles("AAA/SIM", "1h", times, price, price, price, price, price))
    store.close()
    installation.now_ms += 34 * HOUR_MS
    assert answered(serve())["regime"] == {"label": "unknown", "score": None, "window_bars": 30}


def test_another_version_takes_over_without_a_restart(in_production, promote, world):
    assert answered(in_production)["model_id"] == world.versions[0].model_id
    promote(2)
    second = world.versions[1].version
    assert watcher(in_production).wait_until(lambda now: now.models["1h"].version.number == second, SECONDS)
    assert answered(in_production)["model_id"] == world.versions[1].model_id != world.versions[0].model_id


def test_a_rollback_is_followed_too(in_production, promote, world):
    promote(2)
    promote(1)
    looks = watcher(in_production).snapshot.looks + 2
    assert watcher(in_production).wait_until(lambda now: now.looks >= looks, SECONDS)
    assert answered(in_production)["model_id"] == world.versions[0].model_id


def test_many_at_once_get_the_answer_of_one(in_production):
    alone = said(in_production)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: said(in_production), range(40)))
    assert set(together) == {alone}


def test_left_out_the_timestamp_is_now_and_the_age_of_the_data_is_told(in_production, installation, world):
    answer = answered(in_production)
    assert answer["timestamp"] == utc_iso(installation.now_ms)
    assert answer["as_of"] == utc_iso(world.newest_close_ms)
    assert answer["data_age_minutes"] == 30.0


def test_a_past_moment_sees_only_candles_closed_by_then(in_production, world):
    moment_ms = world.newest_close_ms - 10 * HOUR_MS - 1
    answer = answered(in_production, timestamp=utc_iso(moment_ms))
    assert answer["as_of"] == utc_iso(world.newest_close_ms - 11 * HOUR_MS)
    assert answer["data_age_minutes"] == (HOUR_MS - 1) / MINUTE_MS


def test_a_moment_in_another_zone_is_the_same_moment(in_production):
    there, utc = "2021-02-20T13:30:00+02:00", "2021-02-20T11:30:00Z"
    assert said(in_production, timestamp=there) == said(in_production, timestamp=utc)


@pytest.mark.parametrize("late_ms", [0, 60_000])
def test_a_clock_that_is_a_minute_ahead_is_tolerated(in_production, installation, late_ms):
    assert ask(in_production, timestamp=utc_iso(installation.now_ms + late_ms)).status_code == 200


def test_a_moment_in_the_future_is_refused(in_production, installation):
    refused = problem(ask(in_production, timestamp=utc_iso(installation.now_ms + 60_001)))
    assert (refused["status"], refused["errors"][0]["field"]) == (422, "timestamp")
    assert "lies in the future" in refused["detail"]


def test_a_moment_without_a_zone_is_told_what_to_send(in_production):
    refused = problem(ask(in_production, timestamp="2021-02-20T11:30:00"))
    assert (refused["status"], "send UTC with a Z" in refused["detail"]) == (422, True)


def test_an_unknown_symbol_is_404_and_names_known_ones(in_production):
    refused = problem(ask(in_production, symbol="NOPE/USDT"))
    assert (refused["status"], refused["type"]) == (404, "urn:foretick:problem:unknown-symbol")
    assert "AAA/SIM, BBB/SIM, CCC/SIM" in refused["detail"]


def test_a_text_that_is_no_symbol_is_an_unknown_one(in_production):
    assert problem(ask(in_production, symbol="'; drop table candles"))["type"].endswith("unknown-symbol")


def test_an_unknown_horizon_is_404_and_names_the_known_ones(in_production):
    refused = problem(ask(in_production, horizon="2h"))
    assert (refused["status"], refused["type"]) == (404, "urn:foretick:problem:unknown-horizon")
    assert "1m, 1h, 1d, 7d, 30d" in refused["detail"]


@pytest.mark.parametrize("spelling", ["AAA-SIM", "aaa_sim", " AAA/SIM "])
def test_other_spellings_of_a_symbol_are_understood(in_production, spelling):
    assert answered(in_production, symbol=spelling)["symbol"] == "AAA/SIM"


def test_too_little_history_is_409(in_production, world):
    first_ms = int(world.candles["AAA/SIM"].open_time_ms[0])
    for moment_ms in (first_ms - DAY_MS, first_ms, first_ms + 10 * HOUR_MS):
        refused = problem(ask(in_production, timestamp=utc_iso(moment_ms)))
        assert (refused["status"], refused["type"]) == (409, "urn:foretick:problem:not-enough-history")


def test_candles_that_are_coarser_than_the_horizon_needs_are_409(in_production):
    assert "no candles of 1m or finer" in problem(ask(in_production, horizon="1m"))["detail"]


def test_history_that_suffices_for_naive_only_gets_naive_and_the_reason(in_production, world):
    moment_ms = int(world.candles["AAA/SIM"].open_time_ms[0]) + 100 * HOUR_MS
    answer = answered(in_production, timestamp=utc_iso(moment_ms))
    assert answer["model_type"] == "naive"
    assert f"{world.spec.history_bars} closed candles of 1h are needed" in answer["fallback_reason"]


def test_without_a_production_model_naive_answers_and_says_why(serve):
    answer = answered(serve())
    assert list(answer) == ANSWER
    assert answer["fallback_reason"] == "no production model for 1h"
    assert (answer["model_type"], answer["model_name"], answer["model_id"]) == ("naive", "naive", "naive-1h")
    assert (answer["model_version"], answer["evidence"], answer["trained_until"]) == (None, None, None)


def test_naive_is_the_mean_of_the_past_returns(serve, world):
    candles = world.candles["AAA/SIM"]
    returns = (candles.close[1:] / candles.close[:-1] - 1)[np.diff(candles.open_time_ms) == HOUR_MS]
    assert answered(serve())["pred_return"] == pytest.approx(returns.mean(), rel=1e-9)


def test_naive_of_stale_candles_forecasts_from_where_they_end(serve, installation, world):
    installation.now_ms += 5 * 365 * DAY_MS
    answer = answered(serve())
    assert answer["as_of"] == utc_iso(world.newest_close_ms)
    assert answer["data_age_minutes"] == 5 * 365 * 24 * 60 + 30


def test_naive_answers_from_stale_candles_for_the_model_and_tells_their_age(in_production, installation):
    installation.now_ms += 5 * 365 * DAY_MS
    answer = answered(in_production)
    assert (answer["model_type"], answer["data_age_minutes"]) == ("naive", 5 * 365 * 24 * 60 + 30)


def test_a_symbol_that_the_model_was_not_trained_on_gets_naive(in_production):
    answer = answered(in_production, symbol="CCC/SIM")
    assert answer["model_type"] == "naive"
    assert answer["fallback_reason"].endswith("was not trained on CCC/SIM")


def test_the_api_serves_a_horizon_of_resampled_candles(serve):
    answer = answered(serve(), horizon="1d")
    assert answer["as_of"].endswith("T00:00:00Z")


def test_a_model_that_raises_is_replaced_by_naive_in_the_same_request(in_production, monkeypatch):
    model = watcher(in_production).snapshot.models["1h"].forecaster
    monkeypatch.setattr(model, "predict", lambda X: X[5, 5])
    answer = answered(in_production)
    assert answer["model_type"] == "naive"
    assert answer["fallback_reason"].endswith("raised IndexError")


@pytest.mark.parametrize(
    ("field", "value"), [("pred_return", np.nan), ("pred_return", np.inf), ("conf", np.nan), ("p_up", 1.5)]
)
def test_a_forecast_that_is_no_number_is_replaced_by_naive(in_production, monkeypatch, field, value):
    model = watcher(in_production).snapshot.models["1h"].forecaster
    predict = model.predict
    monkeypatch.setattr(model, "predict", lambda X: replace(predict(X), **{field: np.array([value])}))
    answer = answered(in_production)
    assert answer["model_type"] == "naive"
    assert "not finite or a probability outside" in answer["fallback_reason"]


def test_a_damaged_bundle_is_refused_and_the_old_one_serves_on(in_production, promote, world):
    promote(2, digest="0" * 64)
    assert watcher(in_production).wait_until(lambda now: "1h" in now.refused, SECONDS)
    assert answered(in_production)["model_id"] == world.versions[0].model_id
    ready = in_production.get("/readyz").json()
    assert [each["model_version"] for each in ready["refused"]] == [world.versions[1].version]


def test_a_model_that_answers_for_a_refused_one_says_so(in_production, promote, world):
    promote(2, digest="0" * 64)
    assert watcher(in_production).wait_until(lambda now: "1h" in now.refused, SECONDS)
    first, second = (each.version for each in world.versions)
    answer = answered(in_production)
    assert answer["source"] == "previous"
    assert answer["fallback_reason"] == (
        f"production version {second} for 1h was refused: the previous version {first} answers"
    )


def test_when_the_pointers_cannot_be_read_the_model_serves_on_and_readyz_says_so(
    in_production, monkeypatch, world
):
    def fail(*_):
        raise StoreUnavailable("the store at home does not answer")

    monkeypatch.setattr(pointers, "read_pointer", fail)
    assert watcher(in_production).wait_until(lambda now: now.pointer_problem is not None, SECONDS)
    answer = answered(in_production)
    assert (answer["model_id"], answer["fallback_reason"]) == (world.versions[0].model_id, None)
    found = in_production.get("/readyz").json()["pointers"]
    assert (found["readable"], found["problem"]) == (False, "the store at home does not answer")


def test_evidence_of_an_answer_is_the_pointers(in_production, promote, world):
    assert answered(in_production)["evidence"] == "unproven"
    promote(1, evidence="proven")
    proven = watcher(in_production).wait_until(lambda now: now.models["1h"].evidence == "proven", SECONDS)
    assert proven
    assert answered(in_production)["evidence"] == "proven"
    assert in_production.get("/readyz").json()["models"][0]["evidence"] == "proven"


def test_naive_after_a_rollback_says_who_wanted_it_and_why(in_production, point):
    point(None, kind="rollback")
    assert watcher(in_production).wait_until(lambda now: not now.models, SECONDS)
    answer = answered(in_production)
    assert (answer["model_type"], answer["evidence"]) == ("naive", None)
    assert answer["fallback_reason"] == (
        "the production model for 1h was rolled back to naive by jan: a test wants it"
    )


def test_readyz_lists_the_loaded_models_and_since_when(in_production, installation, world):
    ready = in_production.get("/readyz").json()
    (model,) = ready["models"]
    assert (ready["status"], ready["pointers"]["readable"]) == ("ready", True)
    assert (model["model_id"], model["since"]) == (world.versions[0].model_id, utc_iso(installation.now_ms))
    assert model["symbols"] == ["AAA/SIM", "BBB/SIM"]
    assert (model["source"], ready["loading"], ready["unasked"]) == ("production", [], [])


@pytest.fixture
def without_store(tmp_path, client_of, installation):
    """An installation whose store's folder is a file."""
    home = tmp_path / "broken"
    home.write_text("no folder")
    broken = load_settings(home=home, mlflow_tracking_uri=installation.settings.tracking_uri)
    with client_of(create_app(broken, clock=lambda: installation.now_ms, poll_seconds=0.001)) as client:
        yield client


def test_without_the_store_forecasts_are_503(without_store):
    refused = problem(ask(without_store))
    assert (refused["status"], refused["type"]) == (503, "urn:foretick:problem:store-unavailable")


def test_a_store_that_fails_while_it_is_read_is_503_and_not_a_forecast(in_production, monkeypatch):
    def fail(*_):
        raise StoreUnavailable("secret")

    monkeypatch.setattr(EventStore, "read", fail)
    response = ask(in_production)
    assert problem(response)["type"] == "urn:foretick:problem:store-unavailable"
    assert "secret" not in response.text


def test_without_the_store_the_process_is_alive_and_says_what_is_wrong(without_store):
    assert without_store.get("/livez").json() == {"status": "alive"}
    ready = without_store.get("/readyz").json()
    assert (ready["status"], ready["pointers"]["readable"]) == ("degraded", False)
    assert "broken" in ready["pointers"]["problem"]


def test_readyz_reads_no_store(in_production, monkeypatch):
    def fail(*_):
        raise StoreUnavailable("the store is gone")

    monkeypatch.setattr(CandleStore, "series", fail)
    monkeypatch.setattr(StoreDoor, "store", fail)
    monkeypatch.setattr(StoreDoor, "market", fail)
    assert in_production.get("/readyz").status_code == 200


def test_a_store_that_comes_back_is_used(without_store, tmp_path, installation):
    # In one step, for whoever follows the store may open it at any moment.
    (tmp_path / "back").symlink_to(installation.settings.home)
    (tmp_path / "back").replace(tmp_path / "broken")
    assert without_store.app.state.keys.wait_until(lambda now: now.known, SECONDS)
    assert answered(without_store)["symbol"] == "AAA/SIM"


@pytest.fixture(scope="session")
def document():
    return create_app(load_settings(mlflow_tracking_uri="sqlite:////nowhere/mlflow.db")).openapi()


def test_every_problem_in_the_document_has_the_one_shape_and_media_type(document):
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    (media,) = response["content"]
                    assert media == "application/problem+json"
                    assert response["content"][media]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_the_document_names_the_problems_of_a_forecast(document):
    assert set(document["paths"]["/api/forecast"]["post"]["responses"]) == {
        "200", "400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "500", "503",
    }  # fmt: skip


def test_the_document_has_no_trace_of_the_frameworks_own_error_shape(document):
    assert "HTTPValidationError" not in json.dumps(document)


def test_the_example_of_readiness_is_one(document):
    for example in document["components"]["schemas"]["Ready"]["examples"]:
        assert Ready.model_validate(example).model_dump() == example


def test_every_field_of_an_answer_is_described(document):
    assert all(
        "description" in field
        for field in document["components"]["schemas"]["ForecastAnswer"]["properties"].values()
    )


def test_the_examples_of_the_document_are_answers(document):
    for example in document["components"]["schemas"]["ForecastAnswer"]["examples"]:
        assert ForecastAnswer.model_validate(example).model_dump(mode="json") == example


def test_the_api_document_is_served(serve):
    assert serve().get("/openapi.json").json()["info"]["title"] == "Foretick"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
near_requests = st.fixed_dictionaries(
    {
        "symbol": st.sampled_from(["AAA/SIM", "CCC-SIM", "X/Y"]) | json_values,
        "horizon": st.sampled_from(["1h", "7d", "1m"]) | json_values,
    },
    optional={"timestamp": st.datetimes().map(lambda at: f"{at.isoformat()}Z") | json_values},
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(near_requests, json_values))
def test_no_json_makes_the_server_fail(in_production, body):
    response = in_production.post(
        "/api/forecast", content=json.dumps(body), headers={"content-type": "application/json"}
    )
    assert response.status_code in (200, 404, 409, 422)
    assert len(response.content) <= 4096


def test_what_training_and_operation_need_is_not_imported_with_the_api():
    code = (
        "import sys, serving.app; "
        "print([name for name in ('mlflow', 'prefect', 'tasks', 'flows', 'sklearn', 'great_expectations', "
        "'ccxt', 'shap', 'pymongo') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pages_on_what_was_validated_are_shown_and_nothing_beside_them(world, client_of, tmp_path):
    settings = load_settings(home=tmp_path, mongo_uri="")
    with client_of(create_app(settings)) as client:
        assert client.get("/data-docs/").status_code == 404
        (settings.data_docs_folder / "index.html").write_text("<title>Validations</title>")
        (tmp_path / "secret.html").write_text("a secret")
        assert client.get("/data-docs/").text == "<title>Validations</title>"
        for way in ("/data-docs/../../secret.html", "/data-docs/%2e%2e/%2e%2e/secret.html"):
            assert "secret" not in client.get(way).text


def test_a_models_answer_carries_the_intervals_of_its_bundle(in_production, world):
    model = watcher(in_production).snapshot.models["1h"].forecaster
    for symbol in ("AAA/SIM", "BBB/SIM"):
        candles = world.candles[symbol]
        volatility = ewma_volatility(candles)
        for row in range(-1, -60, -6):
            answer = answered(
                in_production, symbol=symbol, timestamp=utc_iso(int(candles.close_time_ms[row]))
            )
            as_of_ms = int(candles.close_time_ms[row])
            expected = model.intervals(symbol, as_of_ms, answer["pred_return"], float(volatility[row]))
            found = [answer["interval_80"], answer["interval_90"]]
            assert found == [[each.low, each.high] for each in expected]


def test_a_moment_that_the_model_was_trained_on_has_no_interval(in_production, world):
    answer = answered(in_production, timestamp=utc_iso(int(world.dataset.as_of_ms[0])))
    assert (answer["model_type"], answer["interval_80"], answer["interval_90"]) == ("ml", None, None)


def test_a_bundle_of_before_there_were_intervals_answers_without(in_production, monkeypatch):
    monkeypatch.setattr(watcher(in_production).snapshot.models["1h"].forecaster, "intervals_", None)
    answer = answered(in_production)
    assert (answer["model_type"], answer["interval_80"], answer["interval_90"]) == ("ml", None, None)


def test_naive_carries_intervals_around_its_mean(serve):
    answer = answered(serve())
    assert answer["model_type"] == "naive"
    (low, high), (lowest, highest) = answer["interval_80"], answer["interval_90"]
    assert lowest < low < answer["pred_return"] < high < highest
