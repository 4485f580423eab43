"""Ingestion as a schedule runs it: named once, then asked again without a word."""

import shutil
import time
from functools import partial
from uuid import uuid4

import httpx
import pymongo
import pytest

from deployments.local.orchestration import send_what_waits
from deployments.local.stand_in_mongo import stand_in_mongo
from flows.ingest_candles import ingest_candles
from forecasting.adapters.exchange import downloading
from forecasting.adapters.exchange import feed as exchange
from forecasting.adapters.source import remembered_source
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import InvalidSettings, SourceUnavailable, StoreUnavailable, UnreadableFile
from forecasting.types import HOUR_MS, parse_utc
from tasks.ingestion import only_store_errors
from tests.flows.conftest import HOURS, hourly_market
from tests.forecasting.adapters.exchange.exchange_server import serve_exchange


@pytest.fixture
def folder(folder_of):
    return folder_of(hourly_market(0.0, symbols=("AAA/USDT", "BBB/USDT")))


def remembered(settings):
    with open_workspace(settings) as workspace:
        return remembered_source(workspace.store)


def test_a_schedule_without_parameters_asks_the_last_source_again(settings, folder, folder_of):
    first = ingest_candles(folder=folder, symbols=None, time_zone="Europe/Berlin")
    folder_of({"CCC/USDT": hourly_market(0.0)["CCC/USDT"]})
    again = ingest_candles()
    assert [each.added for each in first] == [HOURS, HOURS]
    assert [(each.symbol, each.added, each.unchanged) for each in again] == [
        ("AAA/USDT", 0, HOURS),
        ("BBB/USDT", 0, HOURS),
        ("CCC/USDT", HOURS, 0),
    ]
    assert remembered(settings).time_zone == "Europe/Berlin"


def test_the_first_run_needs_a_source(settings):
    with pytest.raises(InvalidSettings, match="no source was named and none is remembered"):
        ingest_candles()


def test_a_source_that_failed_is_not_remembered(settings, folder, tmp_path):
    ingest_candles(folder=folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFile):
        ingest_candles(folder=str(tmp_path / "empty"))
    assert remembered(settings).folder == folder


def test_a_remembered_folder_that_is_gone_is_named(settings, folder):
    ingest_candles(folder=folder)
    shutil.rmtree(folder)
    with pytest.raises(UnreadableFile, match="candles is not there"):
        ingest_candles()


def test_a_symbol_that_ends_long_before_the_others_is_noted(settings, folder_of):
    tables = hourly_market(0.0, symbols=("AAA/USDT", "BBB/USDT"))
    tables["BBB/USDT"] = tables["BBB/USDT"].head(600)
    first, second = ingest_candles(folder=folder_of(tables))
    assert first.notes == ()
    assert second.notes == (
        "ends 2025-01-25, 25 days before the newest of its source (AAA/USDT, 2025-02-19)",
    )


def test_markets_are_downloaded_hour_by_hour_when_no_interval_is_named(settings, monkeypatch):
    first_ms, hours = parse_utc("2025-01-01"), range(48)
    with serve_exchange() as server:
        server.rows = [
            [first_ms + hour * HOUR_MS, 99.0 + hour, 102.0 + hour, 98.0 + hour, 100.0 + hour, 7.0 + hour]
            for hour in hours
        ]
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        open_feed = partial(exchange.open_feed, settings=server.settings("binance"))
        monkeypatch.setattr(downloading, "open_feed", open_feed)
        series = ingest_candles(exchange="binance", symbols=["BTC-USDT", "ETH/USDT"], days=5_000)
    assert [(each.symbol, each.interval, each.added) for each in series] == [
        ("BTC/USDT", "1h", len(hours)),
        ("ETH/USDT", "1h", len(hours)),
    ]
    assert remembered(settings).symbols == ("BTC/USDT", "ETH/USDT")


def test_a_collection_is_asked_again_and_its_address_kept_nowhere(settings, monkeypatch, tmp_path_factory):
    table = hourly_market(0.0)["AAA/USDT"]
    with stand_in_mongo() as uri:
        with pymongo.MongoClient(uri) as client:
            client["prices"]["candles"].insert_many(
                table.rename(columns={"timestamp": "at"}).to_dict("records")
            )
        monkeypatch.setenv("FORETICK_SOURCE_MONGO_URI", f"{uri}/?appName=s3cret")
        first = ingest_candles(collection="prices.candles", fields=["time=at"], symbols=["AAA/USDT"])
        again = ingest_candles()
    assert [(each.symbol, each.interval, each.added) for each in first] == [("AAA/USDT", "1h", HOURS)]
    assert [(each.added, each.unchanged) for each in again] == [(0, HOURS)]
    assert remembered(settings).fields == ("time=at",)
    send_what_waits()
    folders = (settings.home, *tmp_path_factory.getbasetemp().glob("prefect*"))
    kept = [path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert any(b"prices.candles" in content for content in kept)
    assert not any(b"s3cret" in content for content in kept)


@pytest.mark.parametrize(("error", "again"), [(StoreUnavailable, True), (SourceUnavailable, False)])
def test_only_the_store_is_tried_again_because_an_exchange_was_asked_several_times(error, again):
    from prefect.states import Failed

    assert only_store_errors(None, None, Failed(data=error("no answer"))) is again


def test_revised_and_quarantined_rows_are_events_that_automations_can_wait_for(
    settings, folder_of, prefect_url, tmp_path
):
    symbol = f"A{uuid4().hex[:8].upper()}"
    table = hourly_market(0.0, symbols=("AAA/USDT",))["AAA/USDT"]
    ingest_candles(folder=folder_of({f"{symbol}/USDT": table}))
    table.loc[100, "volume"] += 1
    table.loc[200, "volume"] = -1
    folder_of({f"{symbol}/USDT": table})
    ingest_candles()
    send_what_waits()
    wanted = {"event": {"name": ["foretick.candles.revised", "foretick.candles.quarantined"]},
              "resource": {"id": [f"foretick.series.{symbol}/USDT.1h"]}}  # fmt: skip
    deadline, found = time.monotonic() + 30, []
    while len(found) < 2 and time.monotonic() < deadline:
        found = httpx.post(f"{prefect_url}/events/filter", json={"filter": wanted}).json()["events"]
    assert {each["event"]: each["payload"]["candles"] for each in found} == {
        "foretick.candles.revised": 1,
        "foretick.candles.quarantined": 1,
    }
