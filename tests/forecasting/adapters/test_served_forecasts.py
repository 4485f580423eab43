"""Served forecasts against their suite: those that cannot be right are kept in quarantine, once."""

from dataclasses import replace

import pytest

from forecasting.adapters.served_forecasts import check_served_forecasts
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.adapters.workspace import open_workspace
from forecasting.horizons import load_horizons
from forecasting.settings import load_settings
from forecasting.types import HOUR_MS, parse_utc, utc_iso
from tests.forecasting.adapters.expectations.suite_faults import SUITES
from tests.forecasting.adapters.store.test_forecast_log import FORECAST
from tests.serving.answers.test_market import candles_at

NOW_MS = parse_utc("2025-12-24")
HORIZONS = load_horizons()
ANSWER = {
    "symbol": "BTC/USDT", "horizon": "1h", "timestamp": utc_iso(NOW_MS - HOUR_MS), "pred_return": 0.00042,
    "conf": 0.53, "p_up": 0.53, "model_id": "naive-1h", "model_type": "naive", "fallback_reason": "no model",
    "as_of": utc_iso(NOW_MS - HOUR_MS), "interval_90": [-0.01, 0.01],
}  # fmt: skip


@pytest.fixture
def workspace(tmp_path):
    settings = load_settings(home=tmp_path / "home", mlruns=tmp_path / "mlruns")
    with open_workspace(settings) as opened:
        opened.candles.write(candles_at(range(50)))
        yield opened


def serve(workspace, *changes):
    forecasts = [
        replace(
            FORECAST,
            answer=ANSWER | change,
            served_ms=FORECAST.served_ms + number,
            horizon_settings=HORIZONS["1h"].model_dump(mode="json"),
        )
        for number, change in enumerate(changes)
    ]
    ForecastLog(workspace.store).write(forecasts)
    return [each.forecast_id for each in forecasts]


def check(workspace, horizons=HORIZONS):
    return check_served_forecasts(workspace, SUITES / "forecasts.json", NOW_MS, horizons)


def test_where_nothing_was_served_nothing_is_checked(workspace):
    assert check(workspace) is None


def test_right_forecasts_pass(workspace):
    serve(workspace, {}, {"interval_90": None})
    report = check(workspace).report
    assert (report.rows, report.success) == (2, True)
    assert list(workspace.quarantine.find()) == []


def test_one_that_cannot_be_right_is_kept_out_once(workspace):
    ids = serve(workspace, {}, {"p_up": 1.5}, {"interval_90": [0.001, 0.002]})
    for _ in range(2):
        assert not check(workspace).report.success
    rows = {row.fault.place: row for row in workspace.quarantine.find(kind="forecast")}
    assert {place: row.fault.check for place, row in rows.items()} == {
        f"forecast {ids[1]}": "p_up_is_a_probability",
        f"forecast {ids[2]}": "return_in_its_interval",
    }
    row = rows[f"forecast {ids[1]}"]
    assert (row.origin.symbol, row.origin.interval, row.origin.source) == ("BTC/USDT", "1h", "naive-1h")
    assert row.fault.content["p_up"] == 1.5
    (alert,) = AlertBook(workspace.store).newest()
    assert (alert.kind, alert.facts["rows"]) == ("quarantine", 2)


def test_a_horizon_that_was_in_use_then_is_known(workspace):
    serve(workspace, {})
    assert check(workspace, {}).report.success


def test_a_horizon_whose_logged_settings_were_edited_is_not(workspace):
    forecast = replace(FORECAST, answer=ANSWER, horizon_settings={"name": "1h"})
    ForecastLog(workspace.store).write([forecast])
    assert check(workspace, HORIZONS).report.success
    assert "horizon_known" in check(workspace, {}).failing
