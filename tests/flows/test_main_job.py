"""The main job as its users see it: one market with a signal, one without, one that is broken."""

import json
from pathlib import Path

import pytest

from flows.main_job import main_job
from forecasting.adapters.model_version import PRODUCTION
from forecasting.adapters.store.collections import DECISIONS
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import NotEnoughHistory
from tests.flows.conftest import hourly_market


def table_artifact(key):
    """The newest table of that key, as the Prefect pages show it."""
    from prefect.artifacts import Artifact

    return json.loads(Artifact.get(key).data)


def test_a_market_with_a_signal_gets_a_production_model(settings, folder_of):
    report = main_job(folder=folder_of(hourly_market(0.35)))
    (decision,) = report.decisions
    assert decision["outcome"] == "promote", decision["reasons"]
    assert sum(decision["weights"].values()) == pytest.approx(1)
    with open_workspace(settings) as workspace:
        production = workspace.registry.version_by_alias("forecast-1h", PRODUCTION)
        assert production.digest == decision["evidence"]["candidate"]["digest"]
        assert production.status == "production"
        assert production.leak_certificate_passed is True
        recorded = workspace.store.get(DECISIONS, decision["_id"])
    assert {**recorded, "report": decision["report"]} == decision
    assert Path(decision["report"]).is_file()
    assert {line["contender"] for line in table_artifact("decisions")} == {"candidate", "production", "naive"}


def test_the_same_data_again_make_the_same_bundle_and_keep_it(settings, folder_of):
    folder = folder_of(hourly_market(0.35))
    (first,), (second,) = main_job(folder=folder).decisions, main_job(folder=folder).decisions
    assert second["outcome"] == "keep"
    assert second["model_id"] == first["model_id"]
    with open_workspace(settings) as workspace:
        assert len(workspace.registry.versions("forecast-1h")) == 1


def test_a_market_without_a_signal_is_refused_with_reasons(settings, folder_of):
    (decision,) = main_job(folder=folder_of(hourly_market(0.0))).decisions
    assert decision["outcome"] == "refuse"
    assert decision["reasons"]
    with open_workspace(settings) as workspace:
        assert workspace.registry.version_by_alias("forecast-1h", PRODUCTION) is None


def test_a_stopped_series_is_named_and_the_others_are_trained(settings, folder_of):
    tables = hourly_market(0.35)
    tables["BBB/USDT"] = tables["BBB/USDT"].drop(index=range(300, 700))
    report = main_job(folder=folder_of(tables))
    (stopped,) = [each for each in report.left_out if each.name == "BBB/USDT 1h"]
    assert "few_absent_candles" in stopped.reason
    assert report.decisions[0]["evidence"]["candidate"]["symbols"] == ["AAA/USDT", "CCC/USDT"]


def test_a_symbol_that_ends_early_is_named_and_left_out(settings, folder_of):
    tables = hourly_market(0.0)
    tables["CCC/USDT"] = tables["CCC/USDT"].head(600)
    report = main_job(folder=folder_of(tables))
    (ended,) = [each for each in report.left_out if each.name == "CCC/USDT at 1h"]
    assert "end 2025-01-26T00:00:00Z, 25 days before the newest" in ended.reason


def test_candles_that_no_horizon_can_use_end_in_one_line(settings, folder_of):
    tables = {"AAA/USDT": hourly_market(0.0)["AAA/USDT"].head(40)}
    with pytest.raises(
        NotEnoughHistory, match="no horizon could be trained: 2 days of candles leave 4 labels"
    ):
        main_job(folder=folder_of(tables))
