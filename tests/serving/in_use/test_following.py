"""Real server processes follow the pointer: within five seconds of a command, and of a hand in MLflow's pages."""

import shutil
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlparse

import httpx
import pytest

from deployments.local.services import LOOPBACK, free_port, running
from deployments.local.stack import alias_follower, api_server, mlflow_server
from forecasting.adapters.promotion.finishing import ALIAS_PUT_BACK
from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import Mover, read_pointer
from forecasting.adapters.promotion.step import promote, roll_back
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.workspace import Workspace, open_workspace
from forecasting.settings import load_settings
from forecasting.types import utc_iso

MODEL, JAN = "forecast-1h", Mover("jan", "command")
DEADLINE_SECONDS = 5.0
STARTED_SECONDS = 60.0


@dataclass
class Servers:
    """Two servers and a follower over one installation."""

    workspace: Workspace
    addresses: tuple
    asked: dict

    def models(self):
        """What each server answers from."""
        return [
            httpx.post(f"{address}/api/forecast", json=self.asked, timeout=30).json()["model_id"]
            for address in self.addresses
        ]

    def answer_from(self, model_id, seconds, began=None):
        """Ask over and over until all answer from that model; False when they do not in time."""
        until = (time.monotonic() if began is None else began) + seconds
        while set(self.models()) != {model_id}:
            if time.monotonic() > until:
                return False
        return time.monotonic() <= until


@pytest.fixture(scope="module")
def mlflow_address(world, tmp_path_factory):
    """MLflow's own server over a copy of the world's database."""
    home = tmp_path_factory.mktemp("mlflow-server")
    database = home / "mlflow.db"
    database.write_bytes((world.folder / "mlflow.db").read_bytes())
    settings = load_settings(home=home, mlflow_tracking_uri=f"sqlite:///{database}", mlruns=home / "mlruns")
    port = free_port()
    with running(mlflow_server(settings, port)):
        yield f"http://{LOOPBACK}:{port}"


@pytest.fixture(scope="module")
def servers(world, mlflow_address, tmp_path_factory):
    home = tmp_path_factory.mktemp("following")
    settings = load_settings(home=home, mlflow_tracking_uri=mlflow_address, mongo_uri="")
    settings.store_path.parent.mkdir(parents=True)
    settings.store_path.write_bytes((world.folder / "store.db").read_bytes())
    ports = [free_port(), free_port()]
    asked = {"symbol": "AAA/SIM", "horizon": "1h", "timestamp": utc_iso(world.newest_close_ms)}
    with ExitStack() as stack:
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        patched.setenv("FORETICK_HOME", str(home))
        patched.setenv("MLFLOW_TRACKING_URI", mlflow_address)
        workspace = stack.enter_context(open_workspace(settings))
        promote(workspace, MODEL, world.versions[0].version, JAN, "the first")
        for number, port in enumerate(ports):
            service = api_server(settings, port)
            stack.enter_context(running(replace(service, log_file=home / f"api-{number}.log")))
        stack.enter_context(running(alias_follower(settings)))
        addresses = tuple(f"http://{LOOPBACK}:{port}" for port in ports)
        yield Servers(workspace, addresses, asked)


@pytest.fixture
def first_serves(servers, world):
    """Both servers answer from the first version, which is production."""
    promote(servers.workspace, MODEL, world.versions[0].version, JAN, "a test begins")
    assert servers.answer_from(world.versions[0].model_id, STARTED_SECONDS)


def test_a_promotion_reaches_two_servers_and_its_rollback_does_within_five_seconds(
    servers, first_serves, world
):
    one, two = (each.model_id for each in world.versions)
    promote(servers.workspace, MODEL, world.versions[1].version, JAN, "a better one")
    assert servers.answer_from(two, STARTED_SECONDS)
    began = time.monotonic()
    roll_back(servers.workspace, MODEL, JAN, "it was worse")
    assert servers.answer_from(one, DEADLINE_SECONDS, began)
    assert servers.models() == [one, one]


def test_naive_answers_within_five_seconds_of_a_rollback_to_it(servers, first_serves):
    began = time.monotonic()
    roll_back(servers.workspace, MODEL, JAN, "all are worse", to="naive")
    assert servers.answer_from("naive-1h", DEADLINE_SECONDS, began)


def test_moving_the_alias_in_mlflow_promotes_and_is_recorded_as_that_persons(
    servers, first_serves, world, mlflow_address
):
    from mlflow import MlflowClient

    second = world.versions[1]
    MlflowClient(mlflow_address).set_registered_model_alias(MODEL, "production", second.version)
    assert servers.answer_from(second.model_id, STARTED_SECONDS)
    move = newest_moves(servers.workspace.store, MODEL)[0].move
    assert (move.via, move.who, move.target) == ("mlflow", "a person in MLflow", second.version)


@pytest.fixture
def destroyed(servers, world):
    """The second version, whose files are neither in MLflow nor on this machine as long as the test runs."""
    second = world.versions[1]
    kept = Path(urlparse(second.location).path)
    away = kept.rename(kept.with_name("away"))
    shutil.rmtree(servers.workspace.bundle_folder / second.digest)
    yield second
    away.rename(kept)


def test_an_alias_to_a_version_without_files_is_put_back_with_an_alert(
    servers, first_serves, destroyed, world, mlflow_address
):
    from mlflow import MlflowClient

    first, client = world.versions[0], MlflowClient(mlflow_address)
    client.set_registered_model_alias(MODEL, "production", destroyed.version)
    deadline = time.monotonic() + STARTED_SECONDS
    while not (alerts := AlertBook(servers.workspace.store).newest(kind=ALIAS_PUT_BACK)):
        assert time.monotonic() < deadline
    while servers.workspace.registry.aliases(MODEL)["production"] != first.version:
        assert time.monotonic() < deadline
    assert [each.facts["version"] for each in alerts] == [destroyed.version]
    assert read_pointer(servers.workspace.store, MODEL).serving == first.version
    assert set(servers.models()) == {first.model_id}
