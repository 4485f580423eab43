"""Flows and deployments put into a real Prefect server over REST, as `foretick up` does through its command line."""

import contextlib
import socket
import time

import httpx

from deployments.local.deploying import prepare_prefect
from deployments.local.services import LOOPBACK, free_port
from deployments.local.stack import WORK_POOL
from serving.jobs import orchestrator
from serving.jobs.orchestrator import Orchestrator


def post(url, path, content, seconds=120, method="POST"):
    """Ask again while Prefect's database is busy, as Prefect's own client does."""
    deadline = time.monotonic() + seconds
    with httpx.Client(timeout=seconds, limits=httpx.Limits(max_keepalive_connections=0)) as client:
        while (
            answer := client.request(method, url + path, json=content)
        ).status_code == httpx.codes.SERVICE_UNAVAILABLE:
            assert time.monotonic() < deadline, "Prefect's database stays busy"
        return answer.raise_for_status().json() if answer.content else None


def deploy(url, flow, name, crons=()):
    """Deploy a flow that no worker runs; its id."""
    prepare_prefect(alone=False)
    schedules = [
        {"schedule": {"cron": cron, "timezone": "UTC"}, "active": True, "slug": f"slug-{number}"}
        for number, cron in enumerate(crons)
    ]
    content = {
        "name": name,
        "flow_id": post(url, "/flows/", {"name": flow})["id"],
        "work_pool_name": WORK_POOL,
        "schedules": schedules,
    }
    return post(url, "/deployments/", content)["id"]


def move(url, run_id, kind, message=None, name=None):
    """Say of a run what its worker would."""
    state = {"type": kind, "message": message, "name": name}
    post(url, f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})


def be_patient(monkeypatch):
    """Wait as long as it takes: a busy machine is no failure."""
    monkeypatch.setattr(orchestrator, "ANSWER_SECONDS", 120.0)
    monkeypatch.setattr(orchestrator, "BUSY_SECONDS", 120.0)


def nobody():
    """An orchestrator that is not there."""
    return Orchestrator(f"http://{LOOPBACK}:{free_port()}/api")


@contextlib.contextmanager
def silent():
    """An orchestrator that takes a request and never answers."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield Orchestrator(f"http://{LOOPBACK}:{server.getsockname()[1]}/api")
