"""Setting up is asked for as often as one likes, and done once."""

import pytest

from serving.jobs.orchestrator import Orchestrator
from tests.serving.orchestrators import be_patient, deploy, move, nobody

BOOTSTRAP = "/api/admin/bootstrap"
SIMULATED = {"simulated": True}
EXCHANGE = {"exchange": "binance", "symbols": ["eth-usdt", "BTC/USDT", "BTC/USDT"], "days": 90}


@pytest.fixture(scope="module")
def prefect(prefect_url):
    deploy(prefect_url, "main-job", "main-job")
    return prefect_url


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    be_patient(monkeypatch)


@pytest.fixture
def ask(prefect, reading):
    def send(asked=SIMULATED):
        return reading.client.post(BOOTSTRAP, json=asked)

    # Whatever this process' environment named when the API was made.
    desk = reading.client.app.state.desk
    reading.client.app.state.desk = type(desk)(desk.store, Orchestrator(prefect), desk.workspace, desk.clock)
    return send


def kind_of(response):
    return response.json()["type"].rpartition(":")[2]


def test_the_main_job_is_started_with_the_source(ask):
    response = ask(EXCHANGE)
    job = response.json()
    assert (response.status_code, job["kind"], job["deployment"]) == (202, "bootstrap", "main-job/main-job")
    assert job["parameters"] == {"exchange": "binance", "symbols": ["BTC/USDT", "ETH/USDT"], "days": 90}


def test_asked_again_it_is_the_same_job(ask):
    assert ask().json()["run_id"] == ask().json()["run_id"]


def test_once_it_completed_it_is_the_same_job_still(ask, prefect):
    job = ask().json()
    move(prefect, job["run_id"], "COMPLETED")
    again = ask().json()
    assert (again["job_id"], again["state"]) == (job["job_id"], "completed")


def test_after_a_failure_it_is_tried_again(ask, prefect):
    job = ask().json()
    move(prefect, job["run_id"], "FAILED")
    again = ask().json()
    assert (again["job_id"] == job["job_id"], again["state"]) == (False, "scheduled")


def test_another_source_is_refused_while_the_first_is_in_use(ask):
    ask()
    response = ask(EXCHANGE)
    assert (response.status_code, kind_of(response)) == (409, "already-set-up")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"simulated": True, "exchange": "binance", "symbols": ["BTC/USDT"]},
        {"simulated": True, "symbols": ["BTC/USDT"]},
        {"exchange": "binance"},
        {"exchange": "binance", "symbols": ["evil"]},
        {"exchange": "../evil", "symbols": ["BTC/USDT"]},
        {"exchange": "binance", "symbols": ["BTC/USDT"], "days": 0},
        {"folder": "/etc"},
    ],
)
def test_what_is_no_source_is_told_and_starts_nothing(ask, reading, asked):
    response = ask(asked)
    assert (response.status_code, kind_of(response)) == (422, "malformed-request")
    assert "evil" not in response.text
    assert reading.get("/api/models/retrain/jobs").json()["jobs"] == []


def test_where_prefect_is_away_the_caller_is_told(ask, reading):
    desk = reading.client.app.state.desk
    reading.client.app.state.desk = type(desk)(desk.store, nobody(), desk.workspace, desk.clock)
    response = ask()
    assert (response.status_code, kind_of(response)) == (503, "orchestrator-unavailable")
