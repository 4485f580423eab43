"""The flow that watches what serves: it shows live figures beside those that were promised, and demotes what loses."""

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from flows.watch_production import watch_production
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.store.watch_book import WatchBook
from forecasting.errors import UnknownHorizon
from tests.forecasting.adapters.watching.conftest import (
    HOURS,
    MODEL,
    flipped,
    passes,
    promote,
    trained,
    within_this_process,
    workspace,
)

__all__ = ["flipped", "passes", "promote", "trained", "workspace"]


@pytest.fixture
def installed(workspace, trained, tmp_path, prefect_url, monkeypatch):
    """The world of the watching tests as flows find it in the environment."""
    for name, value in {
        "FORETICK_HOME": tmp_path / "home",
        "FORETICK_MLRUNS": trained.folder,
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path / 'mlflow.db'}",
    }.items():
        monkeypatch.setenv(name, str(value))
    within_this_process(monkeypatch)
    return workspace


def test_where_naive_serves_the_flow_has_nothing_to_say(installed):
    assert watch_production(["1h"]) == []


def test_a_horizon_that_is_not_there_is_named(installed):
    with pytest.raises(UnknownHorizon, match="'2h' is unknown"):
        watch_production(["2h"])


def test_what_was_found_is_kept_for_those_who_ask_the_api(installed, promote):
    promote(1)
    found = watch_production(["1h"])
    assert [WatchBook(installed.store).get(MODEL).found] == found


def test_a_flipped_model_goes_and_the_table_says_why(installed, promote, passes, flipped, trained):
    promote(1)
    (before,) = watch_production(["1h"])
    assert before["outcome"] == "Version 1 stays."
    passes(HOURS)
    flipped(trained.versions[0])
    (after,) = watch_production(["1h"])
    assert after["demoted"]
    assert "Version 1 was demoted, naive serves" in after["outcome"]
    assert read_pointer(installed.store, MODEL).production is None
    with get_client(sync_client=True) as client:
        shown = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["live-1h"])), sort="CREATED_DESC"
        )
    assert "was demoted" in shown[0].description
