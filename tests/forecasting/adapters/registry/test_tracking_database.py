"""MLflow's database is there whole or not at all, however many open it first."""

import subprocess
import sys

import pytest

from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.tracking import open_client

OPEN = "import sys; from forecasting.adapters.tracking import open_client; open_client(sys.argv[1])"


def test_processes_that_open_it_first_at_the_same_time_all_succeed(tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlruns' / 'mlflow.db'}"
    opening = [subprocess.Popen([sys.executable, "-W", "error", "-c", OPEN, uri]) for _ in range(3)]
    assert [process.wait(120) for process in opening] == [0, 0, 0]
    assert ModelRegistry(uri, tmp_path / "artifacts").versions("forecast-1h") == ()


def test_nothing_but_the_database_is_left(tmp_path):
    open_client(f"sqlite:///{tmp_path / 'mlruns' / 'mlflow.db'}")
    assert [file.name for file in (tmp_path / "mlruns").iterdir()] == ["mlflow.db"]


def test_a_process_that_fails_while_building_leaves_no_database(tmp_path, monkeypatch):
    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("forecasting.adapters.tracking.shutil.copyfile", fail)
    with pytest.raises(KeyboardInterrupt):
        open_client(f"sqlite:///{tmp_path / 'mlruns' / 'mlflow.db'}")
    assert list((tmp_path / "mlruns").iterdir()) == []
