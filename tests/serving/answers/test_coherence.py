"""GET /api/forecast/coherent: a forecast and its steps, before and after they agree."""

import math
from dataclasses import replace

import numpy as np
import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.baselines.naive import Naive
from forecasting.candles import Candles
from forecasting.coherence.forecast import Estimate, coherent_forecast
from forecasting.coherence.steps import StepSpan, passed_steps
from forecasting.forecaster.forecaster import ENSEMBLE
from forecasting.forecaster.naive import ended_returns
from forecasting.horizons import load_horizons
from forecasting.types import DAY_MS, HOUR_MS, parse_utc, utc_iso
from tests.serving.coherent import ask

HORIZONS = load_horizons()


EPS = float(np.finfo(np.float64).eps)


def answered(client, **changes):
    response = ask(client, **changes)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.fixture
def midnight_ms(world):
    """The last midnight at which candles are closed; half a day of hours follows it."""
    assert world.newest_close_ms % DAY_MS == 12 * HOUR_MS
    return world.newest_close_ms - 12 * HOUR_MS


@pytest.fixture
def store(installation):
    """The installation's candles."""
    opened = open_store(None, installation.settings.store_path, "unused")
    yield CandleStore(opened)
    opened.close()


@pytest.fixture
def store_only(installation):
    """Put some candles in the place of all that are stored."""

    def change(*series):
        installation.settings.store_path.unlink()
        opened = open_store(None, installation.settings.store_path, "unused")
        for candles in series:
            CandleStore(opened).write(candles)
        opened.close()

    return change


def daily(hours, factor=1.0):
    """Days that close with their last hour, at a multiple of its price."""
    ends = np.flatnonzero(hours.close_time_ms % DAY_MS == 0)
    close = hours.close[ends] * factor
    return Candles(
        hours.symbol, "1d", hours.close_time_ms[ends] - DAY_MS, close, close, close, close, np.ones(len(ends))
    )


def test_the_reconciled_steps_compound_to_the_reconciled_return(in_production):
    answer = answered(in_production)
    growth = math.prod(1 + step["reconciled_return"] for step in answer["steps"])
    assert growth == pytest.approx(1 + answer["reconciled_return"], rel=4 * 25 * EPS, abs=0)
    assert (len(answer["steps"]), answer["adjustment"]) == (
        24, answer["reconciled_return"] - answer["base_return"],
    )  # fmt: skip


def test_the_base_steps_do_not_agree_and_are_shown(in_production):
    answer = answered(in_production)
    growth = math.prod(1 + step["base_return"] for step in answer["steps"])
    assert growth - 1 == pytest.approx(answer["base_steps_return"], rel=1e-9)
    assert abs(answer["base_steps_return"] - answer["base_return"]) > 1e-5


def test_steps_that_have_passed_are_what_happened_then_comes_the_model_then_naive(
    in_production, world, midnight_ms
):
    answer = answered(in_production)
    sources = [step["source"] for step in answer["steps"]]
    assert sources == ["realised"] * 12 + ["forecast"] + ["naive"] * 11
    candles = world.candles["AAA/SIM"]
    happened = (candles.close[-12:] / candles.close[-13:-1] - 1).tolist()
    assert [step["reconciled_return"] for step in answer["steps"][:12]] == pytest.approx(happened, abs=1e-14)
    assert answer["passed_return"] == pytest.approx(candles.close[-1] / candles.close[-13] - 1, abs=1e-15)
    assert (answer["as_of"], answer["until"]) == (utc_iso(midnight_ms), utc_iso(midnight_ms + DAY_MS))
    assert answer["steps_passed"] == 12


def test_passed_and_remaining_return_make_the_whole(in_production):
    answer = answered(in_production)
    growth = (1 + answer["passed_return"]) * (1 + answer["remaining_return"])
    assert growth == pytest.approx(1 + answer["reconciled_return"], rel=1e-14)


def test_steps_follow_each_other_from_as_of_until_the_end(in_production):
    answer = answered(in_production)
    edges = [step["start"] for step in answer["steps"]] + [answer["steps"][-1]["end"]]
    assert [step["end"] for step in answer["steps"]] == edges[1:]
    assert (edges[0], edges[-1]) == (answer["as_of"], answer["until"])


def test_both_forecasts_are_the_ones_that_each_horizon_answers_alone(in_production, world):
    answer = answered(in_production)

    def alone(horizon):
        asked = {"symbol": "AAA/SIM", "horizon": horizon}
        return in_production.post("/api/forecast", json=asked).json()

    assert answer["base_return"] == answer["forecast"]["pred_return"] == alone("1d")["pred_return"]
    assert answer["step_forecast"]["pred_return"] == alone("1h")["pred_return"]
    assert answer["steps"][12]["base_return"] == pytest.approx(alone("1h")["pred_return"], rel=1e-12)
    assert answer["step_forecast"]["model_id"] == world.versions[0].model_id
    assert answer["forecast"]["model_type"] == "naive"


def test_the_figures_are_those_of_the_library(in_production, world, midnight_ms):
    hours = world.candles["AAA/SIM"]
    days_returns = daily_returns(hours, midnight_ms)
    scores = in_production.app.state.service.watcher.snapshot.models["1h"].forecaster.scores_
    naive = Estimate.of_mean(ended_returns(hours, HORIZONS["1h"], midnight_ms))
    answer = answered(in_production)
    span = StepSpan(midnight_ms, HOUR_MS, 24)
    expected = coherent_forecast(
        span,
        Estimate.of_mean(days_returns),
        naive,
        passed_steps(span, hours),
        Estimate(
            answer["step_forecast"]["pred_return"],
            naive.rmse * scores[ENSEMBLE].rmse / scores[Naive.name].rmse,
        ),
    )
    assert answer["reconciled_return"] == pytest.approx(expected.total, rel=1e-12)
    found = [step["reconciled_return"] for step in answer["steps"]]
    assert found == pytest.approx(expected.steps.tolist(), rel=1e-10)


def daily_returns(hours, midnight_ms):
    """Returns of whole days, as the horizon of a day knows them."""
    closes = hours.close[(hours.close_time_ms % DAY_MS == 0) & (hours.close_time_ms <= midnight_ms)]
    return closes[1:] / closes[:-1] - 1


def test_naive_is_the_mean_of_one_whole_training_window_before_the_span(serve, world, midnight_ms):
    client = serve()
    short = HORIZONS["1h"].with_window(40)
    client.app.state.service.horizons["1h"] = short
    returns = ended_returns(world.candles["AAA/SIM"], short, midnight_ms)
    assert len(returns) == 40 * 24
    assert answered(client)["steps"][0]["base_return"] == pytest.approx(returns.mean(), rel=1e-9)


def test_at_midnight_nothing_has_passed(in_production, midnight_ms):
    answer = answered(in_production, timestamp=utc_iso(midnight_ms))
    assert (answer["steps_passed"], answer["passed_return"]) == (0, None)
    assert answer["remaining_return"] == answer["reconciled_return"]
    assert [step["source"] for step in answer["steps"]] == ["forecast"] + ["naive"] * 23


def test_what_comes_later_does_not_change_the_answer_of_an_earlier_moment(
    in_production, store, world, midnight_ms
):
    moment = utc_iso(midnight_ms + 5 * HOUR_MS)
    before = answered(in_production, timestamp=moment)
    candles = world.candles["AAA/SIM"]
    later = candles.take(slice(len(candles) - 7, None))
    tripled = {name: getattr(later, name) * 3 for name in ("open", "high", "low", "close")}
    store.write(replace(later, **tripled))
    after = answered(in_production, timestamp=moment)
    for answer in (before, after):
        for part in ("forecast", "step_forecast"):
            answer[part] |= {"forecast_id": "", "checked_at": ""}
    assert after == before


def test_a_symbol_without_a_model_gets_naive_on_both_sides_with_the_reasons(in_production):
    answer = answered(in_production, symbol="CCC/SIM")
    assert {step["source"] for step in answer["steps"][12:]} == {"naive"}
    assert answer["step_forecast"]["fallback_reason"].endswith("was not trained on CCC/SIM")


def test_hours_that_are_absent_among_the_passed_are_spread(serve, store_only, world):
    candles = world.candles["AAA/SIM"]
    rows = np.arange(len(candles))
    store_only(candles.take((rows != len(candles) - 5) & (rows != len(candles) - 6)))
    answer = answered(serve())
    sources = [step["source"] for step in answer["steps"][:12]]
    assert sources == ["realised"] * 6 + ["spread"] * 3 + ["realised"] * 3
    assert answer["passed_return"] == pytest.approx(candles.close[-1] / candles.close[-13] - 1, abs=1e-15)


def test_where_the_hour_before_the_span_is_absent_the_close_of_the_day_stands_in(serve, store_only, world):
    hours = world.candles["AAA/SIM"]
    store_only(hours.take(np.arange(len(hours)) != len(hours) - 13), daily(hours))
    answer = answered(serve())
    assert (answer["start_price_gap"], answer["steps_passed"]) == (None, 12)
    assert answer["passed_return"] == pytest.approx(hours.close[-1] / hours.close[-13] - 1, abs=1e-15)


def test_a_stale_forecast_whose_steps_have_all_passed_is_what_happened(in_production, store, world):
    days = daily(world.candles["AAA/SIM"])
    store.write(days.take(slice(0, -1)))
    answer = answered(in_production)
    assert (answer["steps_passed"], answer["step_forecast"], answer["remaining_return"]) == (24, None, None)
    assert answer["reconciled_return"] == pytest.approx(answer["passed_return"], rel=1e-14)
    assert {step["source"] for step in answer["steps"]} == {"realised"}


def test_a_day_that_closes_elsewhere_than_its_last_hour_tells_the_gap(in_production, store, world):
    assert answered(in_production)["start_price_gap"] == 0.0
    store.write(daily(world.candles["AAA/SIM"], 0.99))
    in_production.app.state.service.held.look()
    assert answered(in_production)["start_price_gap"] == pytest.approx(1 / 0.99 - 1)


def test_hours_that_end_before_the_day_leave_every_step_to_naive(serve, promote, store_only, world):
    hours = world.candles["AAA/SIM"]
    store_only(hours.take(slice(0, -20)), daily(hours))
    promote(1)
    answer = answered(serve())
    assert {step["source"] for step in answer["steps"]} == {"naive"}
    assert (answer["steps_passed"], answer["start_price_gap"]) == (0, None)
    assert "breaker stale" in answer["step_forecast"]["fallback_reason"]
    assert parse_utc(answer["step_forecast"]["as_of"]) < parse_utc(answer["as_of"])


def test_hours_of_more_than_three_intervals_ago_are_called_stale(in_production, installation):
    installation.now_ms += 5 * HOUR_MS // 2
    assert not answered(in_production)["stale"]
    installation.now_ms += 1
    assert answered(in_production)["stale"]


def test_the_age_of_the_newest_hour_is_told(in_production, installation):
    assert answered(in_production)["data_age_minutes"] == 30.0
    installation.now_ms += 3 * HOUR_MS
    late = answered(in_production)
    assert (late["data_age_minutes"], late["steps_passed"]) == (210.0, 12)
