"""Versions, aliases and decisions in a real MLflow."""

import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.registry import ModelRegistry
from forecasting.errors import DamagedBundle, RegistryUnavailable, UnknownVersion
from forecasting.forecaster.bundle import read_bundle
from forecasting.leakage.certificate import CheckResult, Leak, LeakCertificate

MODEL = "forecast-1h"
PROJECT = Path(__file__).resolve().parents[4]


def register(registry: ModelRegistry, fitted, **changes) -> RegisteredVersion:
    facts = {
        "parameters": {"algorithms": "lgbm", "rows": 800},
        "metrics": {"test_rmse": 0.01, "test_accuracy": 0.51},
        "tags": {"train_window_days": "730"},
        "run_name": "training",
    }
    return registry.register(fitted.folder, **{**facts, **changes})


def files_of(version: RegisteredVersion) -> Path:
    return Path(unquote(urlparse(version.location).path))


def held(registry: ModelRegistry) -> tuple[int, int, int]:
    """How many runs, models and versions there are."""
    client = registry._client
    experiments = [each.experiment_id for each in client.search_experiments() if each.name == MODEL]
    runs = client.search_runs(experiments)
    models = client.search_logged_models(experiments)
    return len(runs), len(models), len(registry.versions(MODEL))


def test_a_bundle_becomes_a_candidate_that_says_what_it_is(registry, bundles):
    version = register(registry, bundles[0])
    bundle = read_bundle(bundles[0].folder)
    assert (version.model_name, version.version, version.status) == (MODEL, "1", "candidate")
    assert (version.digest, version.model_id) == (bundle.digest, bundle.model_id)
    assert version.symbols == ("AAA/SIM", "BBB/SIM")
    assert version.tags["data_fingerprint"] == bundle.manifest.data_fingerprint
    assert version.tags["train_window_days"] == "730"
    assert version.decision == version.reasons == version.description == ""


def test_the_run_shows_parameters_metrics_and_tags(registry, bundles):
    version = register(registry, bundles[0])
    run = registry._client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "training"
    assert run.data.params == {"algorithms": "lgbm", "rows": "800"}
    assert run.data.metrics == {"test_rmse": 0.01, "test_accuracy": 0.51}
    assert run.data.tags["bundle_digest"] == version.digest
    assert [output.model_id in version.location for output in run.outputs.model_outputs] == [True]


def test_more_than_a_hundred_parameters_are_logged(registry, bundles):
    parameters = {f"p{number}": number for number in range(150)}
    version = register(registry, bundles[0], parameters=parameters)
    assert len(registry._client.get_run(version.run_id).data.params) == 150


def test_the_files_lie_under_the_artifact_folder(registry, bundles):
    version = register(registry, bundles[0])
    assert files_of(version).is_relative_to(registry.artifact_root)


def test_the_same_bundle_keeps_its_version(registry, bundles):
    first = register(registry, bundles[0])
    second = register(registry, bundles[0], run_name="again", parameters={"rows": 801})
    assert second == first
    assert held(registry) == (1, 1, 1)


def test_another_bundle_gets_the_next_version(registry, bundles):
    versions = [register(registry, fitted).version for fitted in bundles]
    assert versions == ["1", "2", "3"]
    assert [each.version for each in registry.versions(MODEL)] == ["3", "2", "1"]


def test_the_newest_candidate_is_the_challenger(registry, bundles):
    register(registry, bundles[0])
    newest = register(registry, bundles[1])
    assert newest.aliases == ("challenger",)
    assert registry.version_by_alias(MODEL, "challenger") == newest
    assert [each.aliases for each in registry.versions(MODEL)] == [("challenger",), ()]


def test_registering_an_old_bundle_again_leaves_the_challenger(registry, bundles):
    register(registry, bundles[0])
    newest = register(registry, bundles[1])
    register(registry, bundles[0])
    assert registry.version_by_alias(MODEL, "challenger") == newest


def test_a_damaged_bundle_is_not_registered(registry, bundles, tmp_path):
    broken = shutil.copytree(bundles[0].folder, tmp_path / "broken")
    (broken / "members" / "naive" / "naive.json").write_text("{}")
    with pytest.raises(DamagedBundle):
        registry.register(broken, parameters={}, metrics={}, tags={}, run_name="broken")
    assert registry.versions(MODEL) == ()


def test_no_version_is_created_when_the_stored_files_differ(registry, bundles, monkeypatch):
    client = registry._client

    def lose_a_file(model_id, folder):
        (Path(folder) / "artifacts" / "bundle" / "members" / "naive" / "naive.json").unlink()
        type(client).log_model_artifacts(client, model_id, folder)

    monkeypatch.setattr(client, "log_model_artifacts", lose_a_file)
    with pytest.raises(DamagedBundle):
        register(registry, bundles[0])
    assert registry.versions(MODEL) == ()


def test_lost_files_are_stored_again_under_the_same_version(registry, bundles, tmp_path):
    first = register(registry, bundles[0])
    shutil.rmtree(files_of(first))
    second = register(registry, bundles[0], parameters={"rows": 801, "seed": 7})
    assert second.version == first.version
    assert registry._client.get_run(first.run_id).data.params["rows"] == "800"
    assert held(registry) == (1, 1, 1)
    assert read_bundle(registry.fetch_bundle(second, tmp_path / "cache"), first.digest)


def test_a_version_whose_run_was_deleted_is_stored_anew(registry, bundles, tmp_path):
    first = register(registry, bundles[0])
    shutil.rmtree(files_of(first))
    registry._client.delete_run(first.run_id)
    second = register(registry, bundles[0])
    assert second.version == "2"
    assert read_bundle(registry.fetch_bundle(second, tmp_path / "cache"), first.digest)


def test_a_deleted_experiment_is_restored(registry, bundles):
    version = register(registry, bundles[0])
    run = registry._client.get_run(version.run_id)
    registry._client.delete_experiment(run.info.experiment_id)
    assert register(registry, bundles[1]).version == "2"


class CrashError(BaseException):
    """The process ends here."""


class CrashingClient:
    """An MLflow client that ends the process right after the n-th call of a method."""

    def __init__(self, client, method: str, times: int) -> None:
        self._client, self._method, self._left = client, method, times

    def __getattr__(self, name):
        attribute = getattr(self._client, name)
        if name != self._method:
            return attribute

        def call(*arguments, **named):
            result = attribute(*arguments, **named)
            self._left -= 1
            if self._left == 0:
                raise CrashError(name)
            return result

        return call


def crashing_after(registry: ModelRegistry, method: str, times: int = 1) -> ModelRegistry:
    crashing = ModelRegistry(registry.tracking_uri, registry.artifact_root)
    crashing.__dict__["_client"] = CrashingClient(registry._client, method, times)
    return crashing


@pytest.mark.parametrize(
    "method",
    [
        "create_experiment",
        "create_run",
        "create_logged_model",
        "log_outputs",
        "log_batch",
        "log_model_artifacts",
        "finalize_logged_model",
        "set_terminated",
        "create_registered_model",
        "create_model_version",
        "set_registered_model_alias",
    ],
)
def test_a_registration_cut_short_is_ended_by_the_next_and_nothing_is_there_twice(registry, bundles, method):
    with pytest.raises(CrashError):
        register(crashing_after(registry, method), bundles[0])
    version = register(registry, bundles[0])
    run = registry._client.get_run(version.run_id)
    assert held(registry) == (1, 1, 1)
    assert (version.status, version.aliases) == ("candidate", ("challenger",))
    assert run.info.status == "FINISHED"
    assert set(run.data.metrics) == {"test_rmse", "test_accuracy"}
    assert len(run.outputs.model_outputs) == 1


def test_an_alias_names_a_version_until_it_is_taken_away(registry, bundles):
    register(registry, bundles[0])
    registry.point_alias(MODEL, "production", "1")
    assert registry.version_by_alias(MODEL, "production") == registry.version(MODEL, 1)
    assert registry.aliases(MODEL) == {"challenger": "1", "production": "1"}
    registry.point_alias(MODEL, "production", None)
    registry.point_alias(MODEL, "production", None)
    assert registry.aliases(MODEL) == {"challenger": "1"}


def test_tags_are_written_and_the_others_stay(registry, bundles):
    version = register(registry, bundles[0])
    registry.tag(version, {"decision": "refused", "decision_reasons": "worse than naive"})
    refused = registry.version(MODEL, 1)
    assert (refused.status, refused.decision, refused.reasons) == ("candidate", "refused", "worse than naive")


def test_a_deleted_version_leaves_its_run_and_no_files(registry, bundles):
    first, second = (register(registry, fitted) for fitted in bundles[:2])
    registry.delete(first)
    assert [each.version for each in registry.versions(MODEL)] == [second.version]
    assert not files_of(first).exists()
    assert registry._client.get_run(first.run_id)


def test_deleting_twice_or_after_a_crash_ends_the_same(registry, bundles):
    version = register(registry, bundles[0])
    shutil.rmtree(files_of(version))
    registry.delete(version)
    assert registry.versions(MODEL) == ()


def test_the_decision_is_kept_beside_the_run_and_shown_on_the_version(registry, bundles, tmp_path):
    version = register(registry, bundles[0])
    registry.log_decision(version, {"promote": False, "rmse": 0.01}, "# Refused\n")
    client = registry._client
    stored = Path(client.download_artifacts(version.run_id, "decision.json", str(tmp_path)))
    assert json.loads(stored.read_text()) == {"promote": False, "rmse": 0.01}
    assert (
        Path(client.download_artifacts(version.run_id, "decision.md", str(tmp_path))).read_text()
        == "# Refused\n"
    )
    assert registry.version(MODEL, 1).description == "# Refused\n"


def certificate(*leaks):
    check = CheckResult("truncation", 100, 10, 1e-9, 0.0, leaks)
    return LeakCertificate("base", ("return_1h",), ("AAA/SIM",), "1h", 3_600_000, 0, 10**9, 7, (check,))


def test_a_version_that_nobody_tried_for_leaks_says_so(registry, bundles):
    assert register(registry, bundles[0]).leak_certificate_passed is None


def test_a_passed_leak_certificate_is_kept_beside_the_version(registry, bundles, tmp_path):
    registered = register(registry, bundles[0])
    version = registry.log_certificate(registered, certificate())
    assert version.leak_certificate_passed is True
    assert (version.digest, version.aliases) == (registered.digest, registered.aliases)
    stored = Path(registry._client.download_artifacts(version.run_id, "leak_certificate.json", str(tmp_path)))
    assert LeakCertificate.from_document(json.loads(stored.read_text())) == certificate()


def test_a_leak_is_named_on_the_version_until_another_certificate_says_otherwise(registry, bundles):
    leak = Leak("truncation", "return_1h", "AAA/SIM", 0, 0.5, None, "it is another without what came later")
    leaking = registry.log_certificate(register(registry, bundles[0]), certificate(leak))
    assert leaking.leak_certificate_passed is False
    assert leaking.tags["leak_certificate"].startswith("return_1h leaks, first at AAA/SIM 1970-01-01")
    assert registry.log_certificate(leaking, certificate()).leak_certificate_passed is True


def test_what_was_scored_for_a_decision_is_shown_on_the_run_again_and_again(registry, bundles):
    version = register(registry, bundles[0])
    for rmse in (0.02, 0.03):
        registry.log_decision(version, {}, "", {"test.uptrend.rmse": rmse})
    shown = registry._client.get_run(version.run_id).data.metrics
    assert shown["test.uptrend.rmse"] == 0.03
    assert shown["test_rmse"] == 0.01


def test_a_decision_with_a_number_that_is_not_finite_is_an_error(registry, bundles):
    version = register(registry, bundles[0])
    with pytest.raises(ValueError, match="not JSON compliant"):
        registry.log_decision(version, {"rmse": float("nan")}, "")


def test_a_fetched_bundle_lies_under_its_digest_and_is_fetched_once(registry, bundles, tmp_path):
    version = register(registry, bundles[0])
    folder = registry.fetch_bundle(version, tmp_path / "cache")
    assert folder == tmp_path / "cache" / version.digest
    assert read_bundle(folder, version.digest).digest == bundles[0].digest
    shutil.rmtree(registry.artifact_root)
    assert registry.fetch_bundle(version, tmp_path / "cache") == folder
    assert list((tmp_path / "cache").iterdir()) == [folder]


def test_a_damaged_copy_is_fetched_again(registry, bundles, tmp_path):
    version = register(registry, bundles[0])
    folder = registry.fetch_bundle(version, tmp_path / "cache")
    (folder / "members" / "lgbm" / "lgbm.txt").write_bytes(b"cut")
    registry.fetch_bundle(version, tmp_path / "cache")
    assert read_bundle(folder, version.digest)


@pytest.mark.parametrize("damage", ["lost", "changed"])
def test_a_version_without_whole_files_cannot_be_fetched(registry, bundles, tmp_path, damage):
    version = register(registry, bundles[0])
    if damage == "lost":
        shutil.rmtree(files_of(version))
    else:
        (files_of(version) / "artifacts" / "bundle" / "members" / "lgbm" / "lgbm.txt").write_bytes(b"cut")
    with pytest.raises(DamagedBundle) as failure:
        registry.fetch_bundle(version, tmp_path / "cache")
    assert "\n" not in str(failure.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_version_registered_by_someone_else_cannot_be_fetched(registry, tmp_path):
    client = registry._client
    client.create_registered_model(MODEL)
    client.create_model_version(MODEL, "file:///nowhere", await_creation_for=0)
    with pytest.raises(DamagedBundle, match="forecast-1h version 1 has no bundle"):
        registry.fetch_bundle(registry.version(MODEL, 1), tmp_path)


def test_a_copy_that_another_process_was_first_to_put_there_is_used(registry, bundles, tmp_path, monkeypatch):
    version = register(registry, bundles[0])
    target = tmp_path / "cache" / version.digest
    monkeypatch.setattr(
        "forecasting.adapters.stored_bundle.shutil.rmtree",
        lambda *_, **__: shutil.copytree(bundles[0].folder, target, dirs_exist_ok=True),
    )
    assert registry.fetch_bundle(version, tmp_path / "cache") == target


def test_a_copy_that_cannot_be_put_in_place_is_an_error(registry, bundles, tmp_path):
    version = register(registry, bundles[0])
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / version.digest).write_text("a file where the folder should be")
    with pytest.raises(RegistryUnavailable, match="cannot fetch forecast-1h version 1"):
        registry.fetch_bundle(version, tmp_path / "cache")


def test_an_experiment_that_another_process_was_first_to_create_is_used(registry, bundles, monkeypatch):
    client = registry._client
    client.create_experiment(MODEL, artifact_location=(registry.artifact_root / MODEL).as_uri())
    look_up = client.get_experiment_by_name
    answers = iter([None])
    monkeypatch.setattr(client, "get_experiment_by_name", lambda name: next(answers, look_up(name)))
    assert register(registry, bundles[0]).version == "1"


@pytest.mark.parametrize("method", ["create_experiment", "create_registered_model"])
def test_what_mlflow_refuses_to_create_is_an_error(registry, bundles, monkeypatch, method):
    from mlflow.exceptions import MlflowException

    def fail(*_, **__):
        raise MlflowException("the disk is full")

    monkeypatch.setattr(registry._client, method, fail)
    with pytest.raises(RegistryUnavailable, match="cannot register a model: the disk is full"):
        register(registry, bundles[0])


def test_deleting_the_version_in_production_leaves_no_production(registry, bundles):
    register(registry, bundles[0])
    registry.point_alias(MODEL, "production", "1")
    registry._client.delete_model_version(MODEL, "1")
    assert registry.version_by_alias(MODEL, "production") is None


def test_nothing_is_known_of_a_model_that_was_never_registered(registry):
    assert registry.version_by_alias(MODEL, "production") is None
    assert registry.versions(MODEL) == ()
    assert registry.aliases(MODEL) == {}


@pytest.mark.parametrize("number", ["7", 7, "newest"])
def test_an_unknown_version_is_an_error_that_names_the_known(registry, bundles, number):
    for fitted in bundles[:2]:
        register(registry, fitted)
    with pytest.raises(UnknownVersion, match=f"forecast-1h has no version {number}: registered are 2, 1"):
        registry.version(MODEL, number)


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
