"""Validation as a person and a schedule run it."""

import pytest
from prefect.artifacts import Artifact

from flows.ingest_candles import ingest_candles
from flows.validate_candles import validate_candles
from forecasting.adapters.store.collections import VALIDATIONS
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.events import EventRecord
from tests.flows.conftest import FIRST_MS, HOURS, hourly_market
from tests.forecasting.adapters.store.test_forecast_log import FORECAST


@pytest.fixture
def stored(settings, folder_of):
    """Two stored markets; a third of the second one's candles are absent."""
    tables = hourly_market(0.0, symbols=("AAA/USDT", "BBB/USDT"))
    tables["BBB/USDT"] = tables["BBB/USDT"].drop(index=range(300, 700))
    ingest_candles(folder=folder_of(tables))
    return settings


def test_all_series_are_checked_although_one_is_stopped(stored):
    reports = validate_candles()
    assert {report.symbol: report.success for report in reports} == {"AAA/USDT": True, "BBB/USDT": False}


def test_each_report_is_kept_and_shown(stored):
    validate_candles()
    with open_workspace(stored) as workspace:
        kept = list(workspace.store.find(VALIDATIONS, {"symbol": "BBB/USDT"}))
    assert [each["success"] for each in kept] == [False]
    assert f"may not be used: {HOURS - 400} candles" in Artifact.get("validation-bbb-usdt-1h").data
    assert "may be used" in Artifact.get("validation-aaa-usdt-1h").data


def test_each_report_is_a_page_that_the_run_links_to(stored):
    validate_candles()
    pages = {each.name: each for each in stored.data_docs_folder.rglob("*-1h.html")}
    assert set(pages) == {"aaa-usdt-1h.html", "bbb-usdt-1h.html"}
    page = pages["bbb-usdt-1h.html"]
    shown = Artifact.get("validation-bbb-usdt-1h").data
    assert f"({stored.api_url}/data-docs/{page.relative_to(stored.data_docs_folder).as_posix()})" in shown
    assert f"`{page}`" in shown


def test_events_are_checked_too_and_stop_no_market(stored):
    record = EventRecord(FIRST_MS, "wire", "", "https://example.org/1", (), False, "")
    with open_workspace(stored) as workspace:
        workspace.events.write([record], FIRST_MS, FIRST_MS)
    assert [report.suite for report in validate_candles()] == ["candles", "candles"]
    with open_workspace(stored) as workspace:
        (kept,) = workspace.store.find(VALIDATIONS, {"suite": "events"})
    assert [check["name"] for check in kept["checks"] if not check["passed"]] == ["title_there"]
    assert "**events** may be used: 1 events checked" in Artifact.get("validation-events").data


def test_a_market_may_be_written_with_a_dash(stored):
    (report,) = validate_candles(["aaa-usdt"])
    assert report.symbol == "AAA/USDT"


def test_a_market_that_is_not_stored_is_named_with_those_that_are(stored):
    with pytest.raises(
        UnknownSymbol, match="no candles of CCC/USDT are stored: any of AAA/USDT, BBB/USDT is"
    ):
        validate_candles(["CCC/USDT", "AAA/USDT"])


def test_an_empty_store_cannot_be_validated(settings):
    with pytest.raises(NotEnoughHistory, match="no candles are stored: ingest some first"):
        validate_candles()


def test_served_forecasts_are_checked_too_and_stop_no_market(stored):
    with open_workspace(stored) as workspace:
        ForecastLog(workspace.store).write([FORECAST])
    assert [report.suite for report in validate_candles()] == ["candles", "candles"]
    with open_workspace(stored) as workspace:
        (kept,) = workspace.store.find(VALIDATIONS, {"suite": "forecasts"})
        (row,) = workspace.quarantine.find(kind="forecast")
    assert not kept["success"]
    assert row.fault.place == f"forecast {FORECAST.forecast_id}"
