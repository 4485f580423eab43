import shutil
from pathlib import Path

import pytest

from forecasting.adapters.registry import ModelRegistry
from forecasting.errors import DamagedBundle, RegistryUnavailable
from forecasting.forecaster.bundle import read_bundle
from tests.forecasting.adapters.registry.registering import MODEL, files_of, held, register


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
