"""Three server processes over one store: a move is followed by all of them, and what one refuses all refuse, said once."""

import contextlib
import time

import httpx
import pytest

from deployments.local.services import LOOPBACK, free_port
from forecasting.adapters.store.alerts import AlertBook
from serving.in_use.pointers import REFUSED_MODEL
from serving.in_use.watcher import POLL_SECONDS
from tests.serving.load import Callers, server
from tests.serving.placing import place
from tests.serving.sites import site_of

SERVERS = 3
AGREED_SECONDS = 10.0
REFUSED_SECONDS = 120.0  # each asks the registry in a process of its own, which takes seconds
ELSEWHERE = "f" * 64


class Servers:
    """Several of them, and what each says now."""

    def __init__(self, site, ports):
        self.site, self.ports = site, ports
        self.clients = [httpx.Client(base_url=f"http://{LOOPBACK}:{port}", timeout=60) for port in ports]

    def versions(self):
        """Which version each answers from."""
        return [self.forecast(each)["model_version"] for each in self.clients]

    def forecast(self, client):
        answer = client.post("/api/forecast", json=self.site.question)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self):
        """Which versions each refuses."""
        every = [client.get("/readyz").json()["refused"] for client in self.clients]
        return [[each["model_version"] for each in refused] for refused in every]


@pytest.fixture(scope="module")
def servers(world, tmp_path_factory):
    with (
        site_of(world, tmp_path_factory.mktemp("several"), fetched=True) as site,
        contextlib.ExitStack() as running,
    ):
        ports = [free_port() for _ in range(SERVERS)]
        for port in ports:
            environment = {**site.environment, "FORETICK_TEST_POLL_SECONDS": str(POLL_SECONDS)}
            running.enter_context(server(port, site.folder / f"api-{port}.log", environment))
        yield Servers(site, ports)


def seconds_until(condition, limit):
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < limit
        time.sleep(0.05)
    return time.monotonic() - begin


@pytest.mark.parametrize("move", [1, 0], ids=["to another", "and back"])
def test_all_agree_on_the_version_soon_after_a_move(servers, world, move):
    version = world.versions[move]
    place(servers.site.store, version)
    assert seconds_until(lambda: servers.versions() == [version.version] * SERVERS, 60) < AGREED_SECONDS


def test_what_cannot_be_used_is_refused_by_all_and_said_once_while_the_old_one_serves_on(servers, world):
    kept = world.versions[0]
    seconds_until(lambda: servers.versions() == [kept.version] * SERVERS, REFUSED_SECONDS)
    with contextlib.ExitStack() as asking:
        callers = [
            asking.enter_context(Callers(port, servers.site.question, 1, rest=0.02)) for port in servers.ports
        ]
        place(servers.site.store, world.versions[1], digest=ELSEWHERE)
        seconds_until(lambda: servers.refused() == [[world.versions[1].version]] * SERVERS, REFUSED_SECONDS)
    assert servers.versions() == [kept.version] * SERVERS
    for each in callers:
        assert each.answers.statuses.keys() == {200}
        assert {model for model, *_ in each.answers.forecasts} == {kept.model_id}
    (alert,) = AlertBook(servers.site.store).newest(kind=REFUSED_MODEL)
    assert alert.facts["version"] == world.versions[1].version
