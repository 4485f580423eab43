"""Every process keeps to the home folder and sends nothing home."""

from pathlib import Path

import pytest

from deployments.local.environment import apply_environment, process_environment
from forecasting.errors import ServiceFailed
from forecasting.settings import load_settings


@pytest.fixture
def environment(tmp_path):
    return process_environment(load_settings(home=tmp_path / "home", mlruns=tmp_path / "home" / "mlruns"))


@pytest.mark.parametrize("name", ["FORETICK_HOME", "FORETICK_MLRUNS", "PREFECT_HOME", "MPLCONFIGDIR"])
def test_each_folder_that_is_written_to_is_in_the_home_folder(environment, tmp_path, name):
    assert Path(environment[name]).is_relative_to(tmp_path / "home")


def test_telemetry_of_every_library_is_off(environment):
    expected = {
        "DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "GX_ANALYTICS_ENABLED": "false",
    }
    assert expected.items() <= environment.items()


@pytest.mark.parametrize(
    ("named", "direct"),
    [
        ("", "127.0.0.1,localhost"),
        ("mirror.example, localhost", "mirror.example,localhost,127.0.0.1"),
        ("*", "*"),
    ],
)
def test_our_own_servers_are_not_asked_for_through_the_users_proxy(monkeypatch, named, direct):
    monkeypatch.setenv("no_proxy", named)
    monkeypatch.setenv("NO_PROXY", named)
    environment = process_environment(load_settings())
    assert environment["NO_PROXY"] == environment["no_proxy"] == direct


def test_a_horizons_file_is_found_from_any_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORETICK_HORIZONS", "mine.yaml")
    assert process_environment(load_settings())["FORETICK_HORIZONS"] == str(tmp_path / "mine.yaml")


def test_without_a_horizons_file_the_defaults_stay(environment, monkeypatch):
    monkeypatch.setenv("FORETICK_HORIZONS", environment["FORETICK_HORIZONS"])
    assert load_settings().horizons_file is None


def test_a_home_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ServiceFailed, match="name a writable one in FORETICK_HOME"):
        apply_environment(load_settings(home=tmp_path / "file" / "home"))
