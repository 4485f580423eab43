"""The first day of an installation, told over HTTP alone on the real stack; each test holds one fact of it."""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest
import yaml

from deployments.local.keeper import descendants
from deployments.local.services import LOOPBACK
from forecasting.adapters.jobs import ENDED
from forecasting.settings import PROJECT
from tests.commands.stacks import Stack, post, read_until

PATIENCE_SECONDS, PAUSE_SECONDS = 400.0, 0.5
OWN, BOOTSTRAP, RETRAIN = "3d", "/api/admin/bootstrap", "/api/models/retrain"
QUESTION = {"symbol": "AAA/SIM", "horizon": OWN, "timestamp": "2026-01-01T00:00:00Z"}


class Api:
    """The API of a stack."""

    def __init__(self, stack):
        # Connections are not kept: a busy machine may take longer for a request than they live.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(
            base_url=f"http://{LOOPBACK}:{stack.ports['API']}", timeout=120, limits=limits
        )

    def get(self, path):
        return self._client.get(path).raise_for_status().json()

    def post(self, path, content, **headers):
        return self._client.post(path, json=content, headers=headers)

    def until(self, job_id, states):
        """The job once it is in one of the states."""
        deadline, pause = time.monotonic() + PATIENCE_SECONDS, threading.Event()
        while (job := self.get(f"{RETRAIN}/jobs/{job_id}"))["state"] not in states:
            assert job["state"] not in ENDED, job
            assert time.monotonic() < deadline, job
            pause.wait(PAUSE_SECONDS)
        return job


def one_horizon(folder):
    """A horizons file with one horizon of days, which the project has not."""
    horizon = yaml.safe_load((PROJECT / "forecasting" / "horizons.yaml").read_text())["horizons"]["1d"]
    file = folder / "horizons.yaml"
    file.write_text(yaml.safe_dump({"horizons": {OWN: horizon | {"look_ahead_minutes": 4320}}}))
    return str(file)


@contextlib.contextmanager
def stopped(pid):
    """Prefect's server takes connections and answers nobody."""
    words = {each: Path(f"/proc/{each}/cmdline").read_bytes() for each in descendants(pid)}
    server = next(
        each for each, said in words.items() if b"prefect_process" in said and b"keeper" not in said
    )
    processes = [server, *descendants(server)]
    for each in processes:
        os.kill(each, signal.SIGSTOP)
    yield
    for each in processes:
        os.kill(each, signal.SIGCONT)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """What was seen from an empty installation on."""
    folder = tmp_path_factory.mktemp("day")
    (folder / "user").mkdir()
    stack = Stack(folder, {"FORETICK_HORIZONS": one_horizon(folder)})
    with stack.up() as process, stack.prefect as prefect:
        read_until(process.stdout, "Workspace")
        api, seen = Api(stack), {}
        seen["empty"] = api.post("/api/forecast", QUESTION)
        asked = [api.post(BOOTSTRAP, {"simulated": True}) for _ in range(2)]
        seen["asked"] = [each.json()["job_id"] for each in asked]
        seen["bootstrap"] = api.until(seen["asked"][0], ENDED)
        seen["again"] = api.post(BOOTSTRAP, {"simulated": True}).json()
        seen["answer"] = api.post("/api/forecast", QUESTION).json()
        (summary,) = api.get("/api/models/registry")["models"]
        seen["version"] = api.get(f"/api/models/registry/{summary['model_id']}")
        asks_as_browser = {"headers": {"Accept": "text/html"}, "follow_redirects": True}
        seen["page"] = httpx.get(seen["bootstrap"]["logs_url"], **asks_as_browser).status_code
        first = api.post(RETRAIN, {"horizon": OWN}, **{"Idempotency-Key": "mine"}).json()
        seen["same"] = api.post(RETRAIN, {"horizon": OWN}, **{"Idempotency-Key": "mine"}).json()["job_id"]
        seen["first"] = first["job_id"]
        second = api.post(f"{RETRAIN}/bulk", {"horizons": [OWN], "each": "symbol", "symbols": ["AAA-SIM"]})
        (seen["bulk"],) = second.json()["items"]
        seen["running"] = api.until(first["job_id"], {"running", "completed"})
        waiting = seen["bulk"]["job"]["run_id"]
        cancelled = {"state": {"type": "CANCELLED", "name": "Cancelled"}, "force": True}
        post(prefect, f"/flow_runs/{waiting}/set_state", cancelled)
        seen["cancelled"] = api.get(f"{RETRAIN}/jobs/{seen['bulk']['job']['job_id']}")
        seen["retrained"] = api.until(first["job_id"], ENDED)
        with stopped(process.pid):
            seen["away"] = api.post(RETRAIN, {"horizon": OWN})
            seen["meanwhile"] = api.post("/api/forecast", QUESTION).status_code
        seen["jobs"] = api.get(f"{RETRAIN}/jobs")["jobs"]
    return seen


def test_before_there_are_candles_a_forecast_says_so(day):
    assert (day["empty"].status_code, "no candles are stored yet" in day["empty"].text) == (404, True)


def test_setting_up_twice_is_one_job(day):
    assert len({*day["asked"], day["again"]["job_id"]}) == 1


def test_setting_up_ends_well(day):
    assert (day["bootstrap"]["state"], day["bootstrap"]["message"]) == ("completed", None)
    assert day["bootstrap"]["started_at"] < day["bootstrap"]["ended_at"]


def test_the_gate_was_asked(day):
    assert day["version"]["summary"]["decision"]["outcome"] in {"promote", "refuse"}
    assert day["version"]["summary"]["leak_certificate"] == "passed"


def test_forecasts_come_from_what_was_promoted_or_say_why_not(day):
    promoted = day["version"]["summary"]["status"] == "production"
    found = day["answer"]["model_id"], day["answer"]["fallback_reason"]
    expected = day["version"]["summary"]["model_id"] if promoted else f"naive-{OWN}"
    assert found == (expected, None if promoted else f"no production model for {OWN}")


def test_the_registry_says_what_the_version_looks_at_and_was_trained_on(day):
    version = day["version"]
    assert sum(each["share"] for each in version["importances"]) == pytest.approx(1)
    assert version["explanation"]["rows"] > 0
    assert version["training"]["train_from"] < version["training"]["test_from"]
    assert version["members"][0]["name"] == "naive"


def test_its_links_lead_to_the_mlflow_of_the_stack(day):
    links = day["version"]["summary"]["links"]
    assert {link.split("/#/")[1].split("/")[0] for link in links.values()} == {"experiments", "models"}
    assert all(link.startswith(f"http://{LOOPBACK}:") for link in links.values())


def test_a_job_leads_to_its_page_in_prefect(day):
    assert (day["page"], day["bootstrap"]["run_id"] in day["bootstrap"]["logs_url"]) == (200, True)


def test_a_horizon_of_ones_own_is_trained_again_once_for_one_key(day):
    assert day["same"] == day["first"]
    assert day["retrained"]["deployment"] == f"train-horizon/train-{OWN}"
    assert day["retrained"]["state"] == "completed"


def test_a_run_that_is_cancelled_in_prefect_is_told_as_cancelled(day):
    assert day["bulk"]["job"]["parameters"] == {"horizon": OWN, "symbols": ["AAA/SIM"]}
    assert day["cancelled"]["state"] == "cancelled"


def test_while_prefect_does_not_answer_trainings_are_refused_and_forecasts_go_on(day):
    assert day["away"].status_code == 503
    assert day["away"].json()["type"].endswith("orchestrator-unavailable")
    assert day["meanwhile"] == 200


def test_every_job_is_listed_the_newest_first(day):
    kinds = [(job["kind"], job["state"]) for job in day["jobs"]]
    assert kinds == [("retrain", "cancelled"), ("retrain", "completed"), ("bootstrap", "completed")]
