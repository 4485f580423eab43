"""Tasks that turn stored candles into a registered candidate."""

from __future__ import annotations

import logging

from prefect import task
from prefect.cache_policies import NO_CACHE

from forecasting.adapters import candidates
from forecasting.adapters.leak_check import certify_forecaster
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import Horizon
from forecasting.leakage.certificate import LeakCertificate
from forecasting.planning import SymbolPlan
from tasks.retries import only_machine_errors

_log = logging.getLogger(__name__)


@task(name="build-rows", task_run_name="rows {horizon.name}", cache_policy=NO_CACHE)
def build_rows(workspace: Workspace, horizon: Horizon, plan: SymbolPlan) -> Dataset:
    """Read candles and events, and build features and labels."""
    return load_training_data(workspace, horizon, feature_spec(horizon, plan.symbols), plan).rows


@task(name="fit-forecaster", task_run_name="fit {horizon.name}", cache_policy=NO_CACHE)
def fit_forecaster(horizon: Horizon, rows: Dataset, algorithms: tuple[str, ...], seed: int) -> Forecaster:
    """Fit members, weights and calibrators on the earlier rows."""
    forecaster = Forecaster(horizon, feature_spec(horizon, rows.symbols), algorithms, seed)
    forecaster.fit(rows, lambda step: _log.info("%s: fitting %s", horizon.name, step))
    for choice in forecaster.search_.choices:
        _log.info("%s: %s", horizon.name, choice.sentence)
    return forecaster


@task(name="certify-fit", task_run_name="certify {forecaster.horizon.name}", cache_policy=NO_CACHE)
def certify_fit(workspace: Workspace, forecaster: Forecaster, plan: SymbolPlan) -> LeakCertificate:
    """Try whether anything that is known later reaches the features or the fit."""
    certificate = certify_forecaster(workspace, forecaster, plan)
    for reason in certificate.reasons:
        _log.warning("%s: %s", forecaster.horizon.name, reason)
    return certificate


@task(
    name="register-candidate",
    task_run_name="register {forecaster.horizon.name}",
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=5,
    retry_condition_fn=only_machine_errors,
)
def register_candidate(
    workspace: Workspace, forecaster: Forecaster, rows: Dataset, certificate: LeakCertificate
) -> RegisteredVersion:
    """Write the bundle, and register it as a version in MLflow with its leak certificate beside it."""
    return candidates.register_candidate(workspace, forecaster, rows, certificate)
