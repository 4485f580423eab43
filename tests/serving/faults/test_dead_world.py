"""A server that starts while MongoDB, MLflow and Prefect are down: they refuse, or accept and never say a word."""

import contextlib
import os
import signal
import socket
import time
from pathlib import Path

import httpx
import pytest

from deployments.local.keeper import descendants
from deployments.local.services import LOOPBACK
from tests.serving.faults.rush import forecast_of
from tests.serving.load import server
from tests.serving.sites import site_of

# The promise, from the start of the process until requests are answered; where other programs take the processors
# meanwhile, what its first thread waited for one is not its own.
READY_SECONDS = 10.0
ENDED_SECONDS = 15.0  # supervisors kill after 30
NOW = {"symbol": "AAA/SIM", "horizon": "1h"}


@pytest.fixture(params=["refuses", "hangs"])
def dead(request):
    """Addresses of three servers that are no help."""
    with contextlib.ExitStack() as listening:
        ports = [9, 9, 9]
        if request.param == "hangs":
            doors = [listening.enter_context(socket.create_server((LOOPBACK, 0))) for _ in ports]
            ports = [each.getsockname()[1] for each in doors]
        yield {
            "MONGO_URI": f"mongodb://{LOOPBACK}:{ports[0]}",
            "MLFLOW_TRACKING_URI": f"http://{LOOPBACK}:{ports[1]}",
            "PREFECT_API_URL": f"http://{LOOPBACK}:{ports[2]}/api",
        }


@pytest.fixture(scope="module")
def served(world, tmp_path_factory):
    """A site, and what a server of its machine answered while everything was there."""
    with site_of(world, tmp_path_factory.mktemp("served"), fetched=True) as site:
        with (
            server(site.port, site.log, site.environment),
            httpx.Client(base_url=f"http://{LOOPBACK}:{site.port}", timeout=60) as client,
        ):
            while (told := client.post("/api/forecast", json=NOW).json())["model_type"] != "ml":
                time.sleep(0.1)
        yield site, told


@contextlib.contextmanager
def started(site, dead):
    """A server, and the seconds that it took until it was ready."""
    begin = time.monotonic()
    with (
        server(site.port, site.log, {**site.environment, **dead}) as running,
        httpx.Client(base_url=f"http://{LOOPBACK}:{site.port}", timeout=60) as client,
    ):
        assert client.get("/readyz").status_code == 200
        took = time.monotonic() - begin
        pids = descendants(running.process.pid)
        yield client, took - max(map(waited_seconds, pids))
        for pid in pids:  # its end would wait for the dead store
            os.kill(pid, signal.SIGKILL)


def waited_seconds(pid):
    """Seconds in which the first thread of a process could have run and had no processor."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


def test_with_nothing_else_there_it_is_ready_in_time_with_what_this_machine_served_last(served, dead):
    site, answer = served
    with started(site, dead) as (client, seconds):
        ready, told = client.get("/readyz").json(), client.post("/api/forecast", json=NOW)
    assert seconds < READY_SECONDS
    assert ready["status"] == "degraded"
    assert [(each["model_version"], each["source"]) for each in ready["models"]] == [("1", "last-good")]
    assert not ready["pointers"]["readable"]
    assert ready["pointers"]["problem"]
    assert told.status_code == 200
    again = told.json()
    assert forecast_of(again) == forecast_of(answer)
    assert (again["source"], again["checked_at"] < again["timestamp"]) == ("last-good", True)
    assert "has not been read" in again["fallback_reason"]


def test_on_a_machine_that_never_served_it_is_ready_in_time_with_naive_alone(site, dead):
    with started(site, dead) as (client, seconds):
        ready, told = client.get("/readyz").json(), client.post("/api/forecast", json=NOW)
    assert seconds < READY_SECONDS
    assert (ready["status"], ready["models"], ready["pointers"]["readable"]) == ("degraded", [], False)
    assert ready["pointers"]["problem"]
    assert (told.status_code, told.headers["retry-after"]) == (503, "2")
    assert told.json()["type"] == "urn:foretick:problem:store-unavailable"


def test_with_nothing_else_there_it_ends_in_time_when_it_is_told_to(served, dead):
    site, _ = served
    with server(site.port, site.log, {**site.environment, **dead}) as running:
        begin = time.monotonic()
        for pid in descendants(running.process.pid):
            os.kill(pid, signal.SIGTERM)
        running.process.wait(60)
        assert time.monotonic() - begin < ENDED_SECONDS
