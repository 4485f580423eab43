"""The whole test run keeps to one temporary folder, and shares one Prefect server where flows are run."""

import shutil
import tempfile
from pathlib import Path

import pytest

from deployments.local.environment import apply_environment
from forecasting.settings import load_settings

_FOLDER = Path(tempfile.mkdtemp(prefix="foretick-tests-"))


def pytest_configure(config):
    """Set the environment before anything imports Prefect or MLflow: they read it once."""
    apply_environment(load_settings(home=_FOLDER / "home", mlruns=_FOLDER / "mlruns"))


def pytest_unconfigure(config):
    shutil.rmtree(_FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory):
    """A real Prefect server, which flows of this process and of those it starts report to."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from deployments.local.orchestration import send_what_waits
    from deployments.local.services import LOOPBACK, free_port, running
    from deployments.local.stack import prefect_server

    port = free_port()
    url = f"http://{LOOPBACK}:{port}/api"
    with (
        running(prefect_server(load_settings(home=tmp_path_factory.mktemp("prefect")), port)),
        pytest.MonkeyPatch.context() as patch,
        temporary_settings({PREFECT_API_URL: url}),
    ):
        patch.setenv("PREFECT_API_URL", url)
        try:
            yield url
        finally:
            send_what_waits()
