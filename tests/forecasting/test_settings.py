"""Settings come from the environment, are checked at once, and never show a secret."""

from pathlib import Path

import pytest

from forecasting.errors import InvalidSettings
from forecasting.settings import PROJECT, load_settings

NAMES = (
    "FORETICK_WORKSPACE", "FORETICK_HOME", "FORETICK_MLRUNS", "FORETICK_HORIZONS", "FORETICK_SEED",
    "FORETICK_COST_BPS", "FORETICK_GATE_POLICY", "FORETICK_PREFECT_PORT", "FORETICK_MLFLOW_PORT", "FORETICK_API_PORT",
    "MONGO_URI", "FORETICK_SOURCE_MONGO_URI", "MLFLOW_TRACKING_URI", "PREFECT_API_URL",
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


def test_without_an_environment_the_gate_is_strict():
    assert load_settings().gate_policy == "strict"


def test_a_policy_that_is_neither_is_refused():
    with pytest.raises(InvalidSettings, match=r"setting gate_policy: .*'strict' or 'classic'"):
        load_settings(gate_policy="generous")


@pytest.mark.parametrize(
    ("name", "value", "field", "found"),
    [
        ("FORETICK_WORKSPACE", "research", "workspace", "research"),
        ("FORETICK_HOME", "/data/foretick", "home", Path("/data/foretick")),
        ("FORETICK_MLRUNS", "/data/mlruns", "mlruns", Path("/data/mlruns")),
        ("FORETICK_HORIZONS", "/data/horizons.yaml", "horizons_file", Path("/data/horizons.yaml")),
        ("FORETICK_SEED", "11", "seed", 11),
        ("FORETICK_COST_BPS", "2.5", "cost_bps", 2.5),
        ("FORETICK_GATE_POLICY", "classic", "gate_policy", "classic"),
        ("FORETICK_PREFECT_PORT", "4300", "prefect_port", 4300),
        ("FORETICK_MLFLOW_PORT", "5100", "mlflow_port", 5100),
        ("FORETICK_API_PORT", "8123", "api_port", 8123),
        ("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000", "tracking_uri", "http://127.0.0.1:5000"),
        ("PREFECT_API_URL", "http://127.0.0.1:4300/api/", "prefect_url", "http://127.0.0.1:4300/api"),
    ],
)
def test_each_setting_has_its_variable(monkeypatch, name, value, field, found):
    monkeypatch.setenv(name, value)
    assert getattr(load_settings(), field) == found


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_variable_is_an_unset_one(monkeypatch, name):
    unset = load_settings()
    monkeypatch.setenv(name, "")
    assert load_settings() == unset


@pytest.mark.parametrize("field", ["mongo_uri", "mlflow_tracking_uri", "horizons_file"])
def test_an_empty_argument_undoes_the_environment(monkeypatch, field):
    for name in ("MONGO_URI", "MLFLOW_TRACKING_URI", "FORETICK_HORIZONS"):
        monkeypatch.setenv(name, "set")
    assert getattr(load_settings(**{field: ""}), field) is None


def test_an_argument_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("FORETICK_WORKSPACE", "research")
    assert load_settings(workspace="live").workspace == "live"
    assert load_settings(workspace=None).workspace == "research"


def test_two_workspaces_share_no_file():
    one, other = load_settings(workspace="one"), load_settings(workspace="other")
    for name in ("store_path", "database", "bundle_folder", "mlflow_folder", "tracking_uri", "report_folder"):
        assert getattr(one, name) != getattr(other, name)


@pytest.mark.parametrize("field", ["home", "mlruns", "reports"])
def test_relative_folders_do_not_move_with_the_working_folder(monkeypatch, tmp_path, field):
    monkeypatch.chdir(tmp_path)
    settings = load_settings(**{field: "folder"})
    monkeypatch.chdir("/")
    assert getattr(settings, field) == tmp_path / "folder"


def test_reports_lie_in_the_project_unless_home_or_they_themselves_were_moved(monkeypatch):
    assert load_settings(home=PROJECT / ".foretick").report_folder == PROJECT / "reports" / "model_eval"
    assert load_settings(home="/data/home").report_folder == Path("/data/home/reports/model_eval")
    moved = load_settings(home="/data/home", reports="/data/told", workspace="btc")
    assert moved.report_folder == Path("/data/told/btc/model_eval")


def test_the_suites_come_with_the_project():
    assert (load_settings().expectations_folder / "candles.json").is_file()


@pytest.mark.parametrize("name", ["a", "btc-2025", "0", "a" * 41])
def test_names_of_workspaces(name):
    assert load_settings(workspace=name).workspace == name


@pytest.mark.parametrize("name", ["", "-a", "A", "a_b", "a b", "a/b", "..", "a.b", "a" * 42, "a\n"])
def test_names_that_could_leave_their_folder_or_database_are_refused(name):
    with pytest.raises(InvalidSettings, match="setting workspace"):
        load_settings(workspace=name)


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


def test_a_value_that_cannot_be_used_is_told_with_its_variable():
    with pytest.raises(InvalidSettings) as failure:
        load_settings(api_key="tooshort")
    assert str(failure.value) == (
        "setting api_key: Value should have at least 20 characters, not 8; "
        "FORETICK_API_KEY in the environment sets it"
    )


@pytest.mark.parametrize("origins", ["*", "https://pages.example,*"])
def test_one_of_several_values_that_cannot_be_used_is_told_with_the_variable_of_them_all(
    monkeypatch, origins
):
    monkeypatch.setenv("FORETICK_CORS_ORIGINS", origins)
    with pytest.raises(InvalidSettings, match=r"; FORETICK_CORS_ORIGINS in the environment sets it$"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "field"), [("MONGO_URI", "mongo_uri"), ("FORETICK_SOURCE_MONGO_URI", "source_mongo_uri")]
)
def test_the_address_of_a_database_is_never_shown(monkeypatch, name, field):
    monkeypatch.setenv(name, "mongodb://user:hunter2@db.example:27017")
    settings = load_settings()
    assert "hunter2" not in repr(settings) + str(settings.model_dump()) + settings.model_dump_json()
    assert getattr(settings, field).get_secret_value().endswith("db.example:27017")


@pytest.mark.parametrize(
    "uri", ["http://me:secret@mlflow:5100/", "http://mlflow:5100", "https://mlflow:5100"]
)
def test_the_pages_of_a_named_mlflow_are_told_without_its_password(uri):
    assert load_settings(mlflow_tracking_uri=uri).mlflow_pages == uri.partition(":")[0] + "://mlflow:5100"


@pytest.mark.parametrize("uri", ["", "sqlite:////somewhere/mlflow.db"])
def test_the_pages_of_an_mlflow_that_is_a_file_are_those_of_foretick_up(uri):
    assert load_settings(mlflow_tracking_uri=uri, mlflow_port=5101).mlflow_pages == "http://127.0.0.1:5101"


def test_a_password_in_the_address_of_mlflow_is_not_shown_with_the_settings():
    assert "hunter2" not in repr(load_settings(mlflow_tracking_uri="http://me:hunter2@mlflow.example"))


@pytest.mark.parametrize("field", ["mongo_uri", "MONGO_URI", "mlflow_tracking_uri"])
def test_an_address_that_cannot_be_used_is_named_and_not_shown(field):
    with pytest.raises(InvalidSettings, match=f"setting {field}: ") as failure:
        load_settings(**{field: ["hunter2"]})
    assert "hunter2" not in str(failure.value)
    assert "\n" not in str(failure.value)


def test_settings_cannot_be_changed_once_they_are_made():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().seed = 8
