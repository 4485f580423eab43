"""Each flow alone: what it says when it is asked for something that is not there."""

import pytest

from flows.promote_candidates import promote_candidates
from flows.train_horizon import train_horizon
from forecasting.adapters.trials import count_trials
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import Candles
from forecasting.errors import InvalidSettings, NotEnoughHistory, UnknownHorizon, UnknownVersion
from tests.flows.conftest import hourly_market


@pytest.fixture
def stored(settings):
    """An installation with the candles of two symbols and no model."""
    with open_workspace(settings) as workspace:
        for symbol, table in list(hourly_market(0.0).items())[:2]:
            columns = [
                table[name].to_numpy() for name in ("timestamp", "open", "high", "low", "close", "volume")
            ]
            workspace.candles.write(Candles(symbol, "1h", *columns))
    return settings


def test_one_symbol_is_trained_alone_over_the_window_that_is_asked_for(stored):
    version = train_horizon("1h", symbols=["BBB/USDT"], algorithm="lgbm", train_window_days=20)
    assert version.symbols == ("BBB/USDT",)
    with open_workspace(stored) as workspace:
        run = workspace.registry.run(version) if hasattr(workspace.registry, "run") else None
    assert run is None or run.data.params["train_window_days"] == "20"


def test_training_on_an_empty_store_says_what_to_do(settings):
    with pytest.raises(NotEnoughHistory, match="no candles of 1h or finer are stored: ingest some first"):
        train_horizon("1h")


def test_an_unknown_horizon_is_answered_with_those_that_exist(settings):
    with pytest.raises(UnknownHorizon, match="'2h' is unknown: one of 1h is needed"):
        train_horizon("2h")


def test_a_recipe_decides_what_is_trained(settings):
    with pytest.raises(InvalidSettings, match="recipe source-7d-forest forecasts 7d, 1h was asked for"):
        train_horizon("1h", recipe="source-7d-forest")


def test_without_candidates_nothing_is_decided(settings):
    assert promote_candidates() == []


def test_a_version_needs_exactly_one_horizon(settings):
    settings.horizons_file.write_text(settings.horizons_file.read_text() + TWO_HOURS)
    with pytest.raises(InvalidSettings, match="version 3 was given with 2 horizons: exactly one is needed"):
        promote_candidates(version="3")


def test_a_version_that_is_not_registered_is_named(settings):
    with pytest.raises(UnknownVersion, match="forecast-1h"):
        promote_candidates(["1h"], version="3")


TWO_HOURS = """
  3h:
    look_ahead_minutes: 180
    base_interval: 1h
    train_window_days: 365
    retrain_cron: "30 3 * * *"
    accuracy_margin: 0.002
    too_good_ic: 0.9
"""


def test_a_search_is_shown_on_the_run_and_counted_on_the_version(stored):
    version = train_horizon(
        "1h", symbols=["BBB/USDT"], algorithm="lgbm", train_window_days=20, search_trials=2
    )
    assert version.search_trials == 2
    with open_workspace(stored) as workspace:
        client = workspace.registry._client
        assert len(client.get_metric_history(version.run_id, "search_lgbm_loss")) == 2
        assert "trials.csv" in {each.path for each in client.list_artifacts(version.run_id)}
        assert count_trials(workspace.registry, "forecast-1h") == 3
