"""`foretick replay` and `foretick forecasts`: from an answer's id to the proof, or to what differs."""

from dataclasses import replace

import pytest

from commands import console
from forecasting.adapters.ingestion import ingest_folder
from forecasting.adapters.intake import intake_rules
from forecasting.adapters.source import Source
from forecasting.adapters.store.collections import SERVED_FORECASTS
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.adapters.workspace import open_workspace
from forecasting.horizons import load_horizons
from forecasting.settings import load_settings
from forecasting.types import parse_utc
from serving.answers.answer import answer
from serving.answers.market import Market, Question
from serving.answers.recording import WatchedMarket, served_forecast
from serving.in_use.snapshot import Snapshot
from serving.in_use.watcher import wall_clock_ms

NOW_MS = parse_utc("2025-09-20")
ASKED_MS = parse_utc("2025-02-01")


@pytest.fixture
def stored(folder):
    """The candles of two markets in the store."""
    settings = load_settings()
    rules = intake_rules(settings.expectations_folder, NOW_MS)
    with open_workspace(settings) as workspace:
        ingest_folder(workspace, Source(folder=str(folder)), rules)


@pytest.fixture
def forecast_id(foretick, stored):
    """A forecast of naive in the log, answered by the code that serves."""
    with open_workspace(load_settings()) as workspace:
        question = Question("AAA/USDT", load_horizons()["1h"], ASKED_MS)
        market = WatchedMarket(Market(workspace.candles, workspace.events))
        found = answer(question, Snapshot(checked_ms=0), market)
        served = served_forecast(question, None, found, market.used, wall_clock_ms())
        ForecastLog(workspace.store).write([served])
    return served.forecast_id


def edit(forecast_id, **changes):
    with open_workspace(load_settings()) as workspace:
        document = workspace.store.get(SERVED_FORECASTS, forecast_id)
        answer = document["answer"] | changes
        workspace.store.put(SERVED_FORECASTS, document | {"answer": answer})


@pytest.mark.usefixtures("stored")
def test_a_forecast_is_proven_identical(foretick):
    asked = ("--symbol", "AAA/USDT", "--horizon", "1h", "--at", "2025-02-01", "--json")
    forecast_id = foretick("forecast", *asked).document["forecast_id"]
    ended = foretick("replay", forecast_id)
    assert ended.code == 0
    assert f"{forecast_id}: AAA/USDT 1h: identical to the last bit" in ended.out
    assert "candles of AAA/USDT 1h, as received by" in ended.out
    document = foretick("replay", forecast_id, "--json").document
    assert (document["identical"], document["differences"], document["causes"]) == (True, [], [])


def test_what_differs_is_named_with_its_cause(foretick, forecast_id):
    edit(forecast_id, p_up=0.5)
    ended = foretick("replay", forecast_id)
    assert ended.code == 1
    assert "differs in forecast_id and 1 more: the logged document was changed" in ended.line
    assert "p_up" in ended.out
    assert "Cause: the logged document was changed since it was written" in " ".join(ended.out.split())
    ended = foretick("replay", forecast_id, "--json")
    assert ended.code == 1
    assert ended.document["identical"] is False
    assert [each["field"] for each in ended.document["differences"]] == ["forecast_id", "p_up"]


def test_an_id_that_is_unknown_names_its_neighbours(foretick, forecast_id):
    for words in (("replay",), ("forecasts", "show")):
        ended = foretick(*words, forecast_id[:-1] + "_")
        assert ended.code == 2
        assert f"near it are {forecast_id} (AAA/USDT 1h, " in ended.line


def test_a_bundle_that_is_gone_is_named(foretick, forecast_id):
    with open_workspace(load_settings()) as workspace:
        log = ForecastLog(workspace.store)
        gone = replace(log.get(forecast_id).forecast, bundle="ab" * 32)
        log.write([gone])
    ended = foretick("replay", gone.forecast_id)
    assert ended.code == 1
    assert "cannot be computed again" in ended.out
    assert f"the bundle {'ab' * 32} is gone" in ended.line


def test_served_forecasts_are_listed_and_shown(foretick, forecast_id):
    listed = foretick("forecasts", "list", "--symbol", "aaa-usdt", "--horizon", "1h", "--since", "2020-01-01")
    assert f"{forecast_id} " in listed.out
    words = listed.out.splitlines()[1].split()
    assert (words[3:5], words[6:]) == (["AAA/USDT", "1h"], ["naive"])
    shown = foretick("forecasts", "show", forecast_id)
    assert "no production model for 1h" in shown.out
    assert "candles of AAA/USDT 1h" in shown.out
    (document,) = foretick("forecasts", "list", "--json").document
    assert document == foretick("forecasts", "show", forecast_id, "--json").document
    assert (document["forecast_id"], document["intact"]) == (forecast_id, True)


def test_a_challengers_forecast_is_told_from_those_that_were_served(foretick, forecast_id):
    with open_workspace(load_settings()) as workspace:
        log = ForecastLog(workspace.store)
        served = log.get(forecast_id).forecast
        answer = {**served.answer, "model_type": "ensemble", "source": "challenger", "model_version": "7"}
        log.write([replace(served, alias="challenger", answer=answer)])
    shown = foretick("forecasts", "list").out
    assert {" ".join(line.split()[6:]) for line in shown.splitlines()[1:]} == {"naive", "challenger 7"}


@pytest.mark.parametrize("width", [40, 80])
def test_a_narrow_terminal_and_a_pipe_show_whole_ids(foretick, forecast_id, monkeypatch, width):
    monkeypatch.setattr(console.OUT, "width", width)
    lines = foretick("forecasts", "list").out.splitlines()
    assert [line.split()[0] for line in lines[1:] if not line.startswith(" ")] == [forecast_id]


def test_a_changed_document_is_marked_where_it_is_shown(foretick, forecast_id):
    edit(forecast_id, conf=0.99)
    for words in (("list",), ("show", forecast_id)):
        assert "was changed since it was written" in foretick("forecasts", *words).out


def test_where_nothing_was_served_that_is_said(foretick):
    ended = foretick("forecasts", "list", "--symbol", "BTC/USDT")
    assert ended.code == 0
    assert "No such forecast was served" in ended.out
