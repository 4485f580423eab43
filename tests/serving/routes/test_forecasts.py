import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS, utc_iso
from tests.serving.asking import answered, ask, problem, said


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


def test_the_api_serves_a_horizon_of_resampled_candles(serve):
    answer = answered(serve(), horizon="1d")
    assert answer["as_of"].endswith("T00:00:00Z")


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
