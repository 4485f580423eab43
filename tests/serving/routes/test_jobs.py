"""Trainings are started through Prefect, told one by one, and asked about whether Prefect is there or not."""

from types import SimpleNamespace

import pytest

from serving.routes import jobs as routes
from serving.schemas.jobs import MOST_RUNS
from tests.serving.orchestrators import be_patient, deploy, nobody

RETRAIN, BULK, JOBS = "/api/models/retrain", "/api/models/retrain/bulk", "/api/models/retrain/jobs"
HOUR = {"horizon": "1h"}
UNAVAILABLE = "urn:foretick:problem:orchestrator-unavailable"


@pytest.fixture(scope="module")
def prefect(prefect_url):
    deploy(prefect_url, "train-horizon", "train-1h")
    return prefect_url


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    be_patient(monkeypatch)


@pytest.fixture
def api(prefect, installation, serve):
    point_at(installation, prefect)
    return serve()


@pytest.fixture
def alone(installation, serve):
    """The API where no Prefect is."""
    point_at(installation, nobody().url)
    return serve()


def point_at(installation, url):
    installation.settings = installation.settings.model_copy(update={"prefect_api_url": url})


def kind_of(response):
    return response.json()["type"].rpartition(":")[2]


def test_a_training_is_started_and_told(api):
    response = api.post(RETRAIN, json={"horizon": "1h", "symbols": ["bbb-sim", "AAA/SIM", "AAA/SIM"]})
    job = response.json()
    assert response.status_code == 202
    assert (job["kind"], job["state"], job["deployment"]) == (
        "retrain",
        "scheduled",
        "train-horizon/train-1h",
    )
    assert job["parameters"] == {"horizon": "1h", "symbols": ["AAA/SIM", "BBB/SIM"]}
    assert job["requested_by"] == "local"


def test_the_log_of_a_run_is_a_page_of_prefect(api, prefect):
    job = api.post(RETRAIN, json=HOUR).json()
    assert job["logs_url"] == f"{prefect.removesuffix('/api')}/runs/flow-run/{job['run_id']}"


def test_the_same_idempotency_key_starts_one_run(api):
    first, again = (api.post(RETRAIN, json=HOUR, headers={"Idempotency-Key": "mine"}) for _ in range(2))
    assert first.json()["run_id"] == again.json()["run_id"]


def test_an_idempotency_key_of_another_request_is_refused(api):
    sent = {"Idempotency-Key": "theirs"}
    api.post(RETRAIN, json=HOUR, headers=sent)
    response = api.post(RETRAIN, json=HOUR | {"symbols": ["AAA/SIM"]}, headers=sent)
    assert (response.status_code, kind_of(response)) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        ({"horizon": "2d"}, 404, "unknown-horizon"),
        ({"horizon": "1h", "symbols": ["ZZZ/SIM"]}, 404, "unknown-symbol"),
        ({"horizon": "1h", "symbols": ["no market"]}, 404, "unknown-symbol"),
        ({"horizon": "1m"}, 409, "not-enough-history"),
        ({"horizon": "1d"}, 409, "unknown-deployment"),
        ({"horizon": "1h", "window": 3}, 422, "malformed-request"),
        ({"symbols": []}, 422, "malformed-request"),
    ],
)
def test_what_cannot_be_trained_is_told_and_starts_nothing(api, asked, status, kind):
    response = api.post(RETRAIN, json=asked)
    assert (response.status_code, kind_of(response)) == (status, kind)
    assert api.get(JOBS).json()["jobs"] == []


def test_what_the_client_wrote_is_not_repeated(api):
    for asked in ({"horizon": "evil"}, {"horizon": "1h", "symbols": ["EVIL/SIM"]}):
        assert "evil" not in api.post(RETRAIN, json=asked).text.lower()


def test_an_unknown_market_is_told_with_those_that_are_known(api):
    response = api.post(RETRAIN, json={"horizon": "1h", "symbols": ["ZZZ/SIM"]})
    assert response.json()["detail"] == "a symbol is unknown: known are AAA/SIM, BBB/SIM, CCC/SIM"


def test_one_that_fails_takes_no_other_with_it(api):
    response = api.post(BULK, json={"horizons": ["1m", "1h", "2d"]})
    items = response.json()["items"]
    assert (response.status_code, response.json()["started"]) == (202, 1)
    assert [item["problem"] and item["problem"]["status"] for item in items] == [409, None, 404]
    assert items[1]["job"]["parameters"] == HOUR


def test_one_run_for_each_horizon_and_symbol_where_that_is_asked(api):
    asked = {"horizons": ["1h"], "symbols": ["AAA/SIM", "BBB/SIM"], "each": "symbol"}
    items = api.post(BULK, json=asked).json()["items"]
    assert [item["job"]["parameters"]["symbols"] for item in items] == [["AAA/SIM"], ["BBB/SIM"]]


def test_each_symbol_means_all_that_are_stored_where_none_is_named(api):
    items = api.post(BULK, json={"horizons": ["1h"], "each": "symbol"}).json()["items"]
    assert [item["job"]["parameters"]["symbols"] for item in items] == [["AAA/SIM"], ["BBB/SIM"], ["CCC/SIM"]]


def test_more_runs_than_may_be_started_at_once_start_none(api):
    names = [f"S{number}/SIM" for number in range(MOST_RUNS // 2 + 1)]
    response = api.post(BULK, json={"horizons": ["1h", "1d"], "symbols": names, "each": "symbol"})
    assert (response.status_code, kind_of(response)) == (422, "malformed-request")


def test_an_idempotency_key_holds_for_each_item(api):
    asked, sent = {"horizons": ["1h"], "each": "symbol"}, {"Idempotency-Key": "all"}
    runs = [
        [item["job"]["run_id"] for item in api.post(BULK, json=asked, headers=sent).json()["items"]]
        for _ in range(2)
    ]
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 3


def test_after_the_time_of_a_request_the_rest_is_told_unavailable(api, monkeypatch):
    monkeypatch.setattr(routes, "BULK_MS", 0)
    response = api.post(BULK, json={"horizons": ["1h"]})
    assert (response.status_code, kind_of(response)) == (503, "orchestrator-unavailable")


def test_once_prefect_is_away_the_rest_is_not_tried(api, monkeypatch):
    began, desk = [], api.app.state.desk

    def start(wanted):
        began.append(wanted)
        return (desk if len(began) == 1 else elsewhere).start(wanted)

    elsewhere = type(desk)(desk.store, nobody(), desk.workspace, desk.clock)
    monkeypatch.setattr(
        api.app.state, "desk", SimpleNamespace(start=start, clock=desk.clock, orchestrator=desk.orchestrator)
    )
    items = api.post(BULK, json={"horizons": ["1h"], "each": "symbol"}).json()["items"]
    assert [item["problem"] and item["problem"]["type"] for item in items] == [None, UNAVAILABLE, UNAVAILABLE]
    assert len(began) == 2


@pytest.mark.parametrize(("route", "asked"), [(RETRAIN, HOUR), (BULK, {"horizons": ["1h", "1d"]})])
def test_where_prefect_is_away_the_caller_is_told_when_to_ask_again(alone, route, asked):
    response = alone.post(route, json=asked)
    assert (response.status_code, kind_of(response)) == (503, "orchestrator-unavailable")
    assert int(response.headers["Retry-After"]) > 0


def test_where_prefect_is_away_forecasts_go_on(alone):
    alone.post(RETRAIN, json=HOUR)
    assert alone.post("/api/forecast", json={"symbol": "AAA/SIM", "horizon": "1h"}).status_code == 200


def test_jobs_are_listed_newest_first_with_a_limit(api, installation):
    for _ in range(3):
        api.post(RETRAIN, json=HOUR)
        installation.now_ms += 1000
    found = api.get(JOBS, params={"limit": 2}).json()
    times = [job["requested_at"] for job in found["jobs"]]
    assert (len(times), times) == (2, sorted(times, reverse=True))
    older = api.get(JOBS, params={"before": found["next_before"]}).json()["jobs"]
    assert [job["requested_at"] < times[-1] for job in older] == [True]
    assert found["orchestrator"] == {"reachable": True, "problem": None}


def test_while_prefect_is_away_the_last_known_states_are_told_with_their_age(api, installation, serve):
    job = api.post(RETRAIN, json=HOUR).json()
    point_at(installation, nobody().url)
    installation.now_ms += 60_000
    found = serve().get(JOBS).json()
    assert found["orchestrator"]["reachable"] is False
    assert [(each["job_id"], each["state"], each["state_age_seconds"]) for each in found["jobs"]] == [
        (job["job_id"], "scheduled", 60.0)
    ]


def test_nothing_is_said_of_an_orchestrator_that_had_not_to_be_asked(alone):
    assert alone.get(JOBS).json()["orchestrator"] == {"reachable": None, "problem": None}


def test_one_job_is_told_by_its_id(api):
    job = api.post(RETRAIN, json=HOUR).json()
    assert api.get(f"{JOBS}/{job['job_id']}").json()["run_id"] == job["run_id"]


def test_an_unknown_job_is_told(api):
    response = api.get(f"{JOBS}/none")
    assert (response.status_code, kind_of(response)) == (404, "unknown-job")
