"""Simulated runs over HTTP."""

from dataclasses import replace

import pytest

from forecasting.adapters.store.run_log import RunLog
from forecasting.types import utc_iso
from tests.forecasting.adapters.store.test_run_log import CURVE, NOW_MS, RUN

LATER = replace(RUN, simulated_ms=NOW_MS + 1, horizon={"name": "1d"})


@pytest.fixture
def log(reading):
    log = RunLog(reading.store)
    log.write([RUN, LATER])
    return log


def test_runs_are_listed_newest_first_by_horizon_strategy_and_page(log, told):
    answer = told("/api/runs", limit=1)
    assert [each["run_id"] for each in answer["runs"]] == [LATER.run_id]
    older = told("/api/runs", before=answer["next_before"])
    assert [each["run_id"] for each in older["runs"]] == [RUN.run_id]
    assert [each["run_id"] for each in told("/api/runs", horizon="1h")["runs"]] == [RUN.run_id]
    assert told("/api/runs", strategy="other")["runs"] == []


def test_a_run_is_shown_with_its_figures_its_curve_and_its_trades(log, told):
    whole = told(f"/api/runs/{RUN.run_id}")
    assert whole["run"]["metrics"] == dict(RUN.metrics)
    assert whole["groups"] == {"symbol": [{"name": "AAA/USDT", "net": 0.1}]}
    assert whole["curve"] == {
        "time": [utc_iso(each) for each in range(3)], "equity": [1.0, 1.1, 0.9], "exposure": [0.0, 1.0, None],
    }  # fmt: skip
    assert whole["trades"] == {"symbol": ["AAA/USDT", "B"], "net": [0.1, -0.2]}
    assert (whole["curve_points"], whole["trade_count"]) == (3, 2)


def test_fewer_points_keep_the_end_and_fewer_trades_are_the_last(log, told):
    whole = told(f"/api/runs/{RUN.run_id}", points=1, trades=1)
    assert whole["curve"]["equity"] == [CURVE["equity"][-1]]
    assert whole["trades"]["net"] == [-0.2]
    nothing = told(f"/api/runs/{RUN.run_id}", points=0, trades=0)
    assert nothing["curve"]["equity"] == nothing["trades"]["net"] == []


def test_an_unknown_run_is_told_without_repeating_what_was_asked(log, reading):
    answer = reading.get("/api/runs/somebody%20said")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:foretick:problem:unknown-run")
    assert "somebody" not in answer.text
