"""A bundle as an MLflow run with its model: written step by step, so that a second attempt ends the first.

Run and model are marked with the bundle's digest when they are created. After a crash the same call finds
them, writes what is missing and leaves nothing twice.
"""

from __future__ import annotations

import importlib.metadata
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecasting.adapters.model_version import DIGEST, MODEL_ID, SYMBOLS
from forecasting.adapters.stored_bundle import holds_bundle, read_back
from forecasting.adapters.tracking import error_code, quiet
from forecasting.forecaster.bundle import Bundle

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment, LoggedModel, Run
    from mlflow.models import ModelSignature

OUTPUTS = ("pred_return", "p_up", "conf")
REQUIREMENTS = ("mlflow", "numpy", "pandas", "numba", "lightgbm", "scikit-learn", "pydantic", "PyYAML")


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run shows beside the model.

    Attributes
    ----------
    name
        Title of the run.
    parameters, metrics, tags
        As MLflow's pages list them. `tags` are set on the run and on the version.
    """

    name: str
    parameters: Mapping[str, object]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Publication:
    """A bundle that MLflow holds whole: its run, its model and where the files are."""

    run_id: str
    logged_model_id: str
    location: str


def identity_tags(bundle: Bundle) -> dict[str, str]:
    """Tags by which a run, a model and a version are known to hold this bundle."""
    return {
        DIGEST: bundle.digest,
        MODEL_ID: bundle.model_id,
        SYMBOLS: ",".join(bundle.forecaster.spec.symbols),
        "data_fingerprint": bundle.manifest.data_fingerprint,
    }


def publish(
    client: MlflowClient, artifact_root: Path | None, folder: Path, bundle: Bundle, facts: RunFacts
) -> Publication:
    """Log a bundle as a run with a model whose files have been read back.

    Parameters
    ----------
    client
        Where to.
    artifact_root
        Folder of the files when MLflow is embedded; None lets the server decide.
    folder, bundle
        The bundle and what was read from it.
    facts
        What else the run shows.

    Raises
    ------
    DamagedBundle
        What was stored is not what was given.
    """
    experiment = _experiment(client, bundle.forecaster.horizon.model_name, artifact_root)
    run = _run(client, experiment.experiment_id, bundle, facts)
    model = _logged_model(client, run, bundle)
    _log_facts(client, run, model, facts)
    location = str(model.artifact_location)
    if str(model.status) != "READY" or not holds_bundle(client, location, bundle.digest):
        _upload(client, model, run, folder, bundle)
        read_back(client, location, bundle.digest)
        client.finalize_logged_model(model.model_id, "READY")
    client.set_terminated(run.info.run_id, "FINISHED")
    return Publication(run.info.run_id, model.model_id, location)


def _experiment(client: MlflowClient, name: str, artifact_root: Path | None) -> Experiment:
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        place = None if artifact_root is None else (artifact_root.resolve() / name).as_uri()
        try:
            return client.get_experiment(client.create_experiment(name, artifact_location=place))
        except MlflowException as error:
            if error_code(error) != "RESOURCE_ALREADY_EXISTS":
                raise
            return _experiment(client, name, artifact_root)
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return found


def _run(client: MlflowClient, experiment_id: str, bundle: Bundle, facts: RunFacts) -> Run:
    found = client.search_runs([experiment_id], f"tags.{DIGEST} = '{bundle.digest}'", max_results=1)
    if found:
        return found[0]
    tags = {**facts.tags, **identity_tags(bundle)}
    return client.create_run(experiment_id, run_name=facts.name, tags=tags)


def _logged_model(client: MlflowClient, run: Run, bundle: Bundle) -> LoggedModel:
    from mlflow.entities import LoggedModelOutput

    of_this_run = f"source_run_id = '{run.info.run_id}'"
    found = client.search_logged_models([run.info.experiment_id], of_this_run, max_results=1)
    model = found[0] if found else client.create_logged_model(
        run.info.experiment_id,
        name=bundle.forecaster.horizon.model_name,
        source_run_id=run.info.run_id,
        tags=identity_tags(bundle),
        model_type="forecaster",
    )  # fmt: skip
    linked = [output.model_id for output in run.outputs.model_outputs] if run.outputs else []
    if model.model_id not in linked:
        client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, step=0)])
    return model


def _log_facts(client: MlflowClient, run: Run, model: LoggedModel, facts: RunFacts) -> None:
    from mlflow.entities import Metric, Param

    now_ms = int(time.time() * 1000)
    parameters, metrics = run.data.params, run.data.metrics
    client.log_batch(
        run.info.run_id,
        metrics=[
            Metric(name, float(value), now_ms, 0, model_id=model.model_id)
            for name, value in facts.metrics.items()
            if name not in metrics
        ],
        params=[
            Param(name, str(value)) for name, value in facts.parameters.items() if name not in parameters
        ],
    )


def log_metrics(client: MlflowClient, run_id: str, metrics: Mapping[str, float]) -> None:
    """Add metrics to a run; those it has already get a newer value."""
    from mlflow.entities import Metric

    now_ms = int(time.time() * 1000)
    client.log_batch(run_id, metrics=[Metric(name, value, now_ms, 0) for name, value in metrics.items()])


def _upload(client: MlflowClient, model: LoggedModel, run: Run, folder: Path, bundle: Bundle) -> None:
    with tempfile.TemporaryDirectory(prefix="foretick-model-") as scratch:
        # MLflow stores an artifact under its folder's own name, which must not vary.
        copy = shutil.copytree(folder, Path(scratch) / "bundle")
        target = Path(scratch) / "model"
        _save_model(target, copy, model, run, bundle)
        client.log_model_artifacts(model.model_id, str(target))


def _save_model(target: Path, folder: Path, model: LoggedModel, run: Run, bundle: Bundle) -> None:
    with quiet():
        import mlflow.pyfunc
        from mlflow.models import Model

        described = Model(
            artifact_path=model.artifact_location,
            run_id=run.info.run_id,
            model_uuid=model.model_id,
            model_id=model.model_id,
        )
        mlflow.pyfunc.save_model(
            str(target),
            python_model=str(Path(__file__).with_name("pyfunc_model.py")),
            artifacts={"bundle": str(folder)},
            signature=_signature(bundle),
            pip_requirements=[f"{name}=={importlib.metadata.version(name)}" for name in REQUIREMENTS],
            model_config={DIGEST: bundle.digest},
            mlflow_model=described,
        )


def _signature(bundle: Bundle) -> ModelSignature:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    def columns(names: tuple[str, ...]) -> Schema:
        return Schema([ColSpec("double", name) for name in names])

    return ModelSignature(inputs=columns(bundle.forecaster.spec.names), outputs=columns(OUTPUTS))
