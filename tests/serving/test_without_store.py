import pytest

from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.errors import StoreUnavailable
from forecasting.settings import load_settings
from serving.answers.market import StoreDoor
from serving.app import create_app
from serving.routes.health import UNREADABLE
from tests.serving.asking import SECONDS, answered, ask, problem


@pytest.fixture
def without_store(tmp_path, client_of, installation):
    """An installation whose store's folder is a file."""
    home = tmp_path / "broken"
    home.write_text("no folder")
    broken = load_settings(home=home, mlflow_tracking_uri=installation.settings.tracking_uri)
    with client_of(create_app(broken, clock=lambda: installation.now_ms, poll_seconds=0.001)) as client:
        yield client


def test_without_the_store_forecasts_are_503(without_store):
    refused = problem(ask(without_store))
    assert (refused["status"], refused["type"]) == (503, "urn:foretick:problem:store-unavailable")


def test_a_store_that_fails_while_it_is_read_is_503_and_not_a_forecast(in_production, monkeypatch):
    def fail(*_):
        raise StoreUnavailable("secret")

    monkeypatch.setattr(EventStore, "read", fail)
    response = ask(in_production)
    assert problem(response)["type"] == "urn:foretick:problem:store-unavailable"
    assert "secret" not in response.text


def test_without_the_store_the_process_is_alive_and_says_what_is_wrong(without_store):
    assert without_store.get("/livez").json() == {"status": "alive"}
    ready = without_store.get("/readyz").json()
    assert (ready["status"], ready["pointers"]["readable"]) == ("degraded", False)
    assert ready["pointers"]["problem"] == UNREADABLE


def test_readyz_reads_no_store(in_production, monkeypatch):
    def fail(*_):
        raise StoreUnavailable("the store is gone")

    monkeypatch.setattr(CandleStore, "series", fail)
    monkeypatch.setattr(StoreDoor, "store", fail)
    monkeypatch.setattr(StoreDoor, "market", fail)
    assert in_production.get("/readyz").status_code == 200


def test_a_store_that_comes_back_is_used(without_store, tmp_path, installation):
    # In one step, for whoever follows the store may open it at any moment.
    (tmp_path / "back").symlink_to(installation.settings.home)
    (tmp_path / "back").replace(tmp_path / "broken")
    assert without_store.app.state.keys.wait_until(lambda now: now.known, SECONDS)
    assert answered(without_store)["symbol"] == "AAA/SIM"
