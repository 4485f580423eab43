"""What was moved in MLflow's pages, settled by hand; the follower itself is told in its own tests."""

import shutil
import signal
import subprocess
import sys

import pytest

from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.workspace import open_workspace
from forecasting.settings import load_settings
from tests.forecasting.adapters.promotion.conftest import bundles, empty_database, registered, sandbox_within
from tests.forecasting.adapters.promotion.serving_version import put_in_production

__all__ = ["bundles", "empty_database", "registered", "sandbox_within"]

MODEL = "forecast-1h"


@pytest.fixture
def asked_for(installation, registered, sandbox_within):
    """The first version serves, and a person moved the alias to the second."""
    settings = load_settings()
    settings.mlflow_folder.mkdir(parents=True)
    shutil.copy(registered / "mlflow.db", settings.mlflow_folder / "mlflow.db")
    with open_workspace(settings) as workspace:
        put_in_production(workspace, workspace.registry.version(MODEL, 1))
        workspace.registry.point_alias(MODEL, "production", "2")
        yield workspace


def test_one_pass_applies_what_was_asked_for_and_a_second_has_nothing_to_do(foretick, asked_for):
    first = foretick("aliases")
    assert first.code == 0
    assert f"{MODEL}: applied: version 2 serves (promote without the gate by a person in MLflow" in " ".join(
        first.out.split()
    )
    assert read_pointer(asked_for.store, MODEL).serving == "2"
    found = {each["model"]: each for each in foretick("aliases", "--json").document}
    assert found[MODEL] == {"model": MODEL, "outcome": "nothing to do", "serving": "2"}
    assert found["forecast-1d"] == {"model": "forecast-1d", "outcome": "nothing to do", "serving": None}


def test_following_has_no_document(foretick):
    refused = foretick("aliases", "--follow", "--json")
    assert refused.code == 2
    assert "leave out --follow or --json" in refused.line


def test_following_goes_on_until_it_is_interrupted(asked_for):
    command = [sys.executable, "-u", "-m", "commands.app", "aliases", "--follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            lines = [process.stdout.readline() for _ in range(2)]
            process.send_signal(signal.SIGINT)
            assert (process.wait(60), process.stderr.read()) == (0, "")
        finally:
            process.kill()
    assert lines[0].startswith("following the aliases of sqlite:///")
    assert lines[1].startswith(f"{MODEL}: applied: version 2 serves")
