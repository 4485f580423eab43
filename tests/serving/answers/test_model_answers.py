from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.candles import Candles
from forecasting.features.market import MarketData
from forecasting.features.regime import regime_of, regime_scores
from forecasting.features.table import latest_features
from forecasting.features.volatility import ewma_volatility
from forecasting.forecaster.bundle import read_bundle
from forecasting.types import HOUR_MS, utc_iso
from tests.serving.asking import ANSWER, answered, said, watcher


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


def test_a_forecast_of_a_fitted_moment_says_so(in_production, world):
    until_ms = read_bundle(world.bundles[0]).manifest.trained_label_end_ms
    before, at = (answered(in_production, timestamp=utc_iso(until_ms + more)) for more in (-HOUR_MS, 0))
    assert (before["in_sample"], before["model_type"], before["interval_90"]) == (True, "ml", None)
    assert (at["in_sample"], at["model_type"]) == (False, "ml")


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


def test_the_answer_tells_the_threshold_that_its_model_was_trained_for(in_production):
    assert watcher(in_production).stop()
    now = watcher(in_production).snapshot
    meaning = replace(now.models["1h"].meaning, threshold=0.002)
    watcher(in_production)._snapshot = replace(now, models={"1h": replace(now.models["1h"], meaning=meaning)})
    assert answered(in_production)["threshold"] == 0.002


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


def test_many_at_once_get_the_answer_of_one(in_production):
    alone = said(in_production)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: said(in_production), range(40)))
    assert set(together) == {alone}


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
