import numpy as np
import pytest

from forecasting.types import DAY_MS, HOUR_MS, utc_iso
from tests.serving.asking import ANSWER, answered


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
    assert answer["in_sample"] is False


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


def test_naive_carries_intervals_around_its_mean(serve):
    answer = answered(serve())
    assert answer["model_type"] == "naive"
    (low, high), (lowest, highest) = answer["interval_80"], answer["interval_90"]
    assert lowest < low < answer["pred_return"] < high < highest
