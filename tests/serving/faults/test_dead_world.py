"""A server that starts while MongoDB, MLflow and Prefect are down: they refuse, or accept and never say a word."""

import contextlib
import socket
import time

import httpx
import pytest

from deployments.local.services import LOOPBACK
from forecasting.adapters.whole_file import write_whole
from serving.in_use.last_good import LastGood
from serving.in_use.snapshot import ProductionVersion
from tests.serving.load import server
from tests.serving.sites import site_of

# The promise, from the start of the process until requests are answered. Other programs may take the processors
# meanwhile, so of two starts the quicker counts.
READY_SECONDS = 10.0
STARTS = 2


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


@pytest.fixture
def site(world, tmp_path):
    with site_of(world, tmp_path, fetched=True) as site:
        yield site


@pytest.fixture
def served_before(site, world):
    """What a server of this machine wrote while everything was there."""
    version = world.versions[0]
    LastGood(site.settings.last_good_folder).keep(
        "forecast-1h", ProductionVersion(version.version, version.digest, "unproven")
    )
    write_whole(site.settings.api_key_file, [])


@contextlib.contextmanager
def started(site, dead):
    """A server, and the seconds that it took until it was ready."""
    begin = time.monotonic()
    with (
        server(site.port, site.log, {**site.environment, **dead}),
        httpx.Client(base_url=f"http://{LOOPBACK}:{site.port}", timeout=60) as client,
    ):
        assert client.get("/readyz").status_code == 200
        yield client, time.monotonic() - begin


def quickest(site, dead):
    """The quickest of a few starts; the others are not begun where one is quick enough."""
    seconds = []
    while len(seconds) < STARTS and min(seconds, default=READY_SECONDS) >= READY_SECONDS:
        with started(site, dead) as (client, took):
            seconds.append(took)
            ready = client.get("/readyz").json()
    return min(seconds), ready


def test_with_nothing_else_there_it_is_ready_in_time_with_what_this_machine_served_last(
    site, dead, served_before
):
    seconds, ready = quickest(site, dead)
    assert seconds < READY_SECONDS
    assert ready["status"] == "degraded"
    assert [(each["model_version"], each["source"]) for each in ready["models"]] == [("1", "last-good")]
    assert not ready["pointers"]["readable"]
    assert ready["pointers"]["problem"]


def test_on_a_machine_that_never_served_it_is_ready_in_time_with_naive_alone(site, dead):
    seconds, ready = quickest(site, dead)
    assert seconds < READY_SECONDS
    assert (ready["status"], ready["models"], ready["pointers"]["readable"]) == ("degraded", [], False)
    assert ready["pointers"]["problem"]
