"""Settings come from the environment, are checked at once, and never show a secret."""

from pathlib import Path

import pytest

from forecasting.errors import InvalidSettings
from forecasting.settings import PROJECT, load_settings

NAMES = (
    "FORETICK_WORKSPACE", "FORETICK_HOME", "FORETICK_MLRUNS", "FORETICK_HORIZONS", "FORETICK_SEED",
    "FORETICK_COST_BPS", "FORETICK_API_PORT", "MONGO_URI", "MLFLOW_TRACKING_URI",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _bare(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_without_an_environment_everything_stays_in_the_project():
    settings = load_settings()
    assert settings.store_path == PROJECT / ".foretick" / "workspaces" / "default" / "store.db"
    assert settings.tracking_uri == f"sqlite:///{PROJECT / 'mlruns' / 'mlflow.db'}"
    assert settings.mongo_uri is None


@pytest.mark.parametrize(
    ("name", "value", "field", "found"),
    [
        ("FORETICK_WORKSPACE", "research", "workspace", "research"),
        ("FORETICK_HOME", "/data/foretick", "home", Path("/data/foretick")),
        ("FORETICK_MLRUNS", "/data/mlruns", "mlruns", Path("/data/mlruns")),
        ("FORETICK_HORIZONS", "/data/horizons.yaml", "horizons_file", Path("/data/horizons.yaml")),
        ("FORETICK_SEED", "11", "seed", 11),
        ("FORETICK_COST_BPS", "2.5", "cost_bps", 2.5),
        ("FORETICK_API_PORT", "8123", "api_port", 8123),
        ("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000", "tracking_uri", "http://127.0.0.1:5000"),
    ],
)
def test_each_setting_has_its_variable(monkeypatch, name, value, field, found):
    monkeypatch.setenv(name, value)
    assert getattr(load_settings(), field) == found


@pytest.mark.parametrize("name", ["MONGO_URI", "MLFLOW_TRACKING_URI", "FORETICK_HORIZONS"])
def test_an_empty_variable_is_an_unset_one(monkeypatch, name):
    monkeypatch.setenv(name, "")
    assert load_settings() == load_settings(mongo_uri="", mlflow_tracking_uri="", horizons_file="")


def test_an_argument_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("FORETICK_WORKSPACE", "research")
    assert load_settings(workspace="live").workspace == "live"
    assert load_settings(workspace=None).workspace == "research"


def test_two_workspaces_share_no_file():
    one, other = load_settings(workspace="one"), load_settings(workspace="other")
    for name in ("store_path", "database", "bundle_folder", "mlflow_folder", "tracking_uri"):
        assert getattr(one, name) != getattr(other, name)


def test_relative_folders_do_not_move_with_the_working_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert load_settings(home="home").home == tmp_path / "home"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"workspace": "No Such!"}, "setting workspace: .*'No Such!'"),
        ({"workspace": "../other"}, "setting workspace"),
        ({"seed": -1}, "setting seed: .* greater than or equal to 0 .found -1"),
        ({"cost_bps": 1001}, "setting cost_bps"),
        ({"api_port": 70_000}, "setting api_port"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(changes, told):
    with pytest.raises(InvalidSettings, match=told):
        load_settings(**changes)


def test_the_address_of_the_database_is_never_shown(monkeypatch):
    monkeypatch.setenv("MONGO_URI", "mongodb://user:hunter2@db.example:27017")
    settings = load_settings()
    assert "hunter2" not in repr(settings) + str(settings.model_dump()) + settings.model_dump_json()
    assert settings.mongo_uri.get_secret_value().endswith("db.example:27017")


def test_settings_cannot_be_changed_once_they_are_made():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().seed = 8
