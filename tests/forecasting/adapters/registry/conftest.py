"""Real MLflow: an embedded database for each test, one server for the session, three fitted bundles."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from forecasting.adapters.registry import ModelRegistry
from forecasting.dataset import Dataset
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from tests.forecasting.rows import hourly_horizon, hourly_spec, made_up_rows


@dataclass(frozen=True, eq=False)
class Fitted:
    forecaster: Forecaster
    rows: Dataset
    folder: Path
    digest: str


@pytest.fixture(scope="session")
def bundles(tmp_path_factory) -> list[Fitted]:
    fitted = []
    for seed in (1, 2, 3):
        rows = made_up_rows(400, signal=0.3, seed=seed)
        forecaster = Forecaster(hourly_horizon(), hourly_spec(), algorithms=("lgbm",)).fit(rows)
        folder = tmp_path_factory.mktemp("bundles") / "fitted"
        fitted.append(Fitted(forecaster, rows, folder, write_bundle(forecaster, rows, folder)))
    return fitted


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory) -> Path:
    """An MLflow database with its tables; making one takes seconds, copying it does not."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    ModelRegistry(f"sqlite:///{path}", path.parent).versions("forecast-1h")
    return path


@pytest.fixture
def registry(tmp_path, empty_database) -> ModelRegistry:
    shutil.copy(empty_database, tmp_path / "mlflow.db")
    return ModelRegistry(f"sqlite:///{tmp_path / 'mlflow.db'}", tmp_path / "artifacts")


@dataclass(frozen=True)
class Server:
    address: str
    tracking_uri: str
    folder: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory, empty_database):
    """`mlflow server` as `foretick up` starts it, over a database that is also opened directly."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copy(empty_database, folder / "mlflow.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Server(f"http://127.0.0.1:{port}", f"sqlite:///{folder / 'mlflow.db'}", folder)
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--backend-store-uri", running.tracking_uri,
        "--default-artifact-root", (folder / "artifacts").as_uri(),
    ]  # fmt: skip
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **quiet}, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _await_health(running, process)
        yield running
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _await_health(server: Server, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{server.address}/health", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"mlflow server did not start: {(server.folder / 'server.log').read_text()[-2000:]}")
