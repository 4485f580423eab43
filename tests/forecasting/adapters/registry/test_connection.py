import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from forecasting.adapters.registry import ModelRegistry
from forecasting.errors import RegistryUnavailable, UnknownVersion
from forecasting.forecaster.bundle import read_bundle
from tests.forecasting.adapters.registry.registering import MODEL, register

PROJECT = Path(__file__).resolve().parents[4]


def test_a_server_that_does_not_answer_is_one_line_without_the_password(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = ModelRegistry("http://someone:secret@127.0.0.1:9", tmp_path)
    with pytest.raises(RegistryUnavailable) as failure:
        away.version_by_alias(MODEL, "production")
    assert str(failure.value) == (
        "MLflow at http://127.0.0.1:9 cannot read the alias production of forecast-1h: "
        "it does not answer; start it, or check MLFLOW_TRACKING_URI"
    )
    assert failure.value.__suppress_context__
    assert failure.value.__cause__ is None


@pytest.mark.parametrize("content", [b"not a database at all", None])
def test_a_database_that_cannot_be_opened_is_one_line(tmp_path, content):
    path = tmp_path / "folder" / "mlflow.db"
    if content is None:
        (tmp_path / "folder").write_text("a file where the folder should be")
    else:
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(RegistryUnavailable, match="cannot open its database") as failure:
        ModelRegistry(f"sqlite:///{path}", tmp_path).versions(MODEL)
    assert "\n" not in str(failure.value)


def test_a_version_of_mlflow_that_is_not_ours_to_understand_is_not_none(registry, monkeypatch):
    from mlflow.exceptions import MlflowException

    def fail(*_):
        raise MlflowException("the disk is full")

    monkeypatch.setattr(registry._client, "get_model_version_by_alias", fail)
    monkeypatch.setattr(registry._client, "get_model_version", fail)
    with pytest.raises(RegistryUnavailable, match="the disk is full"):
        registry.version_by_alias(MODEL, "production")
    with pytest.raises(RegistryUnavailable, match="the disk is full"):
        registry.version(MODEL, 1)


def test_an_alias_moved_in_the_database_is_seen_over_http(server, bundles, tmp_path):
    embedded = ModelRegistry(server.tracking_uri, server.folder / "artifacts")
    remote = ModelRegistry(server.address, tmp_path / "unused")
    over_http = register(remote, bundles[0])
    assert over_http == register(embedded, bundles[0])
    newer = register(embedded, bundles[1])
    assert remote.version_by_alias(MODEL, "production") is None
    embedded.point_alias(MODEL, "production", over_http.version)
    assert remote.aliases(MODEL)["production"] == over_http.version
    remote.point_alias(MODEL, "production", newer.version)
    assert remote.version_by_alias(MODEL, "production") == embedded.version_by_alias(MODEL, "production")
    assert embedded.version_by_alias(MODEL, "production").version == newer.version
    assert remote.versions(MODEL) == embedded.versions(MODEL)
    assert read_bundle(remote.fetch_bundle(newer, tmp_path / "cache"), newer.digest)
    with pytest.raises(UnknownVersion, match="registered are 2, 1"):
        remote.version(MODEL, 3)
    remote.log_decision(newer, {"promote": True}, "# Promoted")
    assert embedded.version(MODEL, newer.version).description == "# Promoted"
    assert not (tmp_path / "unused").exists()


def test_nothing_is_printed_or_written_elsewhere(tmp_path, bundles):
    script = (
        "import sys; from pathlib import Path\n"
        "from forecasting.adapters.registry import ModelRegistry\n"
        "home = Path(sys.argv[1])\n"
        "registry = ModelRegistry(f'sqlite:///{home}/db/mlflow.db', home / 'files')\n"
        "registry.register(Path(sys.argv[2]), parameters={}, metrics={}, tags={}, run_name='quiet')\n"
        "registry.point_alias('forecast-1h', 'production', '1')\n"
    )
    places = {name: tmp_path / name for name in ("store", "home", "work", "scratch")}
    for place in places.values():
        place.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW")}
    environment |= {"HOME": str(places["home"]), "TMPDIR": str(places["scratch"]), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(places["store"]), str(bundles[0].folder)],
        cwd=places["work"], env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(path.name for path in places["store"].iterdir()) == ["db", "files"]
    assert [list(places[name].iterdir()) for name in ("home", "work", "scratch")] == [[], [], []]


def test_mlflow_sends_nothing_and_logs_only_errors(registry):
    registry.versions(MODEL)
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert logging.getLogger("mlflow").level == logging.ERROR
