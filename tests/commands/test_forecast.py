"""What `foretick forecast` says beside the numbers, and how the API's problems come out."""

import pytest
from rich.console import Console

from commands.forecasts import _answer_parts
from forecasting.horizons import load_horizons

MODEL = {
    "symbol": "BTC/USDT", "horizon": "1h", "timestamp": "2025-09-19T22:30:00Z", "pred_return": 0.00042,
    "conf": 0.531, "p_up": 0.531, "threshold": 0.0, "model_id": "1h-3f1c0a9b7d2e", "model_type": "ml",
    "model_name": "forecast-1h", "model_version": "3", "evidence": "unproven",
    "as_of": "2025-09-19T22:00:00Z", "data_age_minutes": 30.0, "stale": False,
    "trained_until": "2025-08-30T12:00:00Z", "in_sample": False, "fallback_reason": None,
    "regime": {"label": "downtrend", "score": -0.314, "window_bars": 30},
    "interval_80": [-0.0051, 0.0067],
    "interval_90": [-0.0089, 0.0105],
    "forecast_id": "01K5HVYD7G3M8Q2T6W9XACEF14",
    "members": [
        {"name": "naive", "pred_return": 0.0001, "weight": 0.3, "contribution": 0.0},
        {"name": "ewma", "pred_return": -0.0019, "weight": 0.3, "contribution": -0.00006},
        {"name": "lgbm", "pred_return": 0.0024, "weight": 0.4, "contribution": 0.00038},
    ],
    "consensus": 0.7273,
}  # fmt: skip
NAIVE = MODEL | {
    "model_id": "naive-1h", "model_type": "naive", "model_name": "naive", "model_version": None,
    "evidence": None, "trained_until": None, "fallback_reason": "no production model for 1h",
    "members": [{"name": "naive", "pred_return": 0.00042, "weight": 1.0, "contribution": 0.0}], "consensus": 0.0,
}  # fmt: skip


def shown(answer):
    console = Console(width=120)
    with console.capture() as captured:
        console.print(*_answer_parts(answer, load_horizons()))
    return captured.get()


def test_a_models_forecast_names_the_version_and_its_evidence():
    text = shown(MODEL)
    assert "+0.042% over 1h" in text
    assert "1h-3f1c0a9b7d2e (forecast-1h version 3)" in text
    assert "unproven" in text
    assert "stale" not in text
    assert "trained on this moment" not in text


def test_a_naive_forecast_says_why_no_model_answers():
    text = shown(NAIVE)
    assert "historical mean, because no production model for 1h" in text
    assert "none: it is no model" in text


def test_a_forecast_tells_its_id():
    assert "logged as              01K5HVYD7G3M8Q2T6W9XACEF14" in shown(MODEL)
    assert "not logged" in shown(MODEL | {"forecast_id": None})


def test_a_forecast_tells_what_its_probability_is_of():
    assert "probability of a rise" in shown(MODEL)
    assert "probability of more than +0.2%" in shown(MODEL | {"threshold": 0.002})


def test_a_forecast_tells_its_intervals():
    assert "-0.51% to +0.67%" in shown(NAIVE)
    assert "-0.89% to +1.05%" in shown(NAIVE)
    assert shown(NAIVE | {"interval_80": None, "interval_90": None}).count("no interval is known") == 2


def test_a_forecast_tells_what_each_member_adds_to_naive():
    assert "naive +0.01%, then ewma -0.006%, lgbm +0.038% (consensus 73%)" in shown(MODEL)
    assert "naive +0.042% alone" in shown(NAIVE)


def test_a_forecast_tells_the_regime_of_its_market():
    assert "downtrend (score -0.31 over the last 30 returns of 1h)" in shown(MODEL)
    absent = {"label": "unknown", "score": None, "window_bars": 30}
    assert "unknown: candles are absent among the last 30 returns of 1h" in shown(NAIVE | {"regime": absent})


@pytest.mark.parametrize("stale", [False, True])
def test_candles_are_called_stale_where_the_answer_says_so(stale):
    assert ("The candles are stale" in shown(MODEL | {"stale": stale})) is stale


@pytest.mark.parametrize("seen", [False, True])
def test_a_moment_that_the_model_was_trained_on_proves_nothing(seen):
    text = shown(MODEL | {"in_sample": seen})
    assert ("Ask for a moment after 2025-08-30T12:00:00Z" in text) is seen


@pytest.mark.usefixtures("stored")
def test_without_a_zone_the_moment_is_utc(foretick):
    asked = ("forecast", "--symbol", "aaa-usdt", "--horizon", "1h", "--json", "--at")
    utc, there = (
        foretick(*asked, moment).document | {"forecast_id": "", "checked_at": ""}
        for moment in ("2025-02-01 12:00", "2025-02-01T14:00:00+02:00")
    )
    assert utc == there
    assert utc["timestamp"] == utc["as_of"] == "2025-02-01T12:00:00Z"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--symbol", "XXX/USDT", "--horizon", "1h"), "known are AAA/USDT, BBB/USDT"),
        (("--symbol", "AAA/USDT", "--horizon", "2h"), "one of 1m, 1h, 1d, 7d, 30d is needed"),
        (("--symbol", "AAA/USDT", "--horizon", "1m"), "no candles of 1m or finer are stored for AAA/USDT"),
        (("--symbol", "AAA/USDT", "--horizon", "1h", "--at", "2024-01-01"), "2024-01-01"),
        (("--symbol", "AAA/USDT", "--horizon", "1h", "--at", "2099-01-01"), "lies in the future"),
    ],
)
@pytest.mark.usefixtures("stored")
def test_what_the_api_would_refuse_is_wrong_input(foretick, words, told):
    ended = foretick("forecast", *words)
    assert ended.code == 2
    assert told in ended.line


def test_a_store_that_is_down_is_explained(foretick, monkeypatch):
    monkeypatch.setenv("MONGO_URI", "mongodb://user:secret@127.0.0.1:9/?timeoutMS=300")
    ended = foretick("forecast", "--symbol", "AAA/USDT", "--horizon", "1h", "--json")
    assert ended.code == 1
    assert "MongoDB cannot be used" in ended.document["error"]
    assert "secret" not in ended.out + ended.err
