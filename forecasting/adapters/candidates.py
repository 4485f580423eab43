"""A fitted forecaster on its way into the registry: its bundle, and all that is told of it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import forecasting
from forecasting.adapters.model_cards import try_card
from forecasting.adapters.model_version import RECIPE, RegisteredVersion
from forecasting.adapters.trials import log_search, search_parameters, search_tags
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.capture import code_digest
from forecasting.forecaster.forecaster import Forecaster
from forecasting.leakage.certificate import LeakCertificate
from forecasting.licence.recipe import recipe_hash
from forecasting.types import utc_iso


def register_candidate(
    workspace: Workspace, forecaster: Forecaster, rows: Dataset, certificate: LeakCertificate
) -> RegisteredVersion:
    """Write the bundle, and register it as a version in MLflow with its leak certificate beside it.

    Parameters
    ----------
    workspace
        Where bundles and versions are kept.
    forecaster
        Fitted.
    rows
        All that it was fitted with, its test rows among them.
    certificate
        What was tried for knowledge of the future.

    Raises
    ------
    RegistryUnavailable
        MLflow cannot be reached; the same call registers the same version later.
    """
    horizon, span = forecaster.horizon, forecaster.train_span_
    with tempfile.TemporaryDirectory(dir=_made(workspace.bundle_folder)) as folder:
        bundle = Path(folder) / "bundle"
        write_bundle(forecaster, rows, bundle)
        version = workspace.registry.register(
            bundle,
            parameters={
                "horizon": horizon.name,
                "algorithms": ",".join(forecaster.algorithms),
                "seed": forecaster.random_state,
                "train_window_days": horizon.train_window_days,
                "rows": len(rows),
                **{f"weight_{name}": weight for name, weight in forecaster.weights_.items()},
                **search_parameters(forecaster.search_),
            },
            metrics={
                f"validation_{member}_{figure}": value
                for member, scores in forecaster.scores_.items()
                for figure in ("rmse", "mae", "directional_accuracy", "brier")
                if (value := getattr(scores, figure)) is not None
            },
            tags={
                "data_fingerprint": rows.fingerprint(),
                "code": code_digest(forecasting),
                RECIPE: recipe_hash(forecaster),
                "train_from": utc_iso(span.first_as_of_ms),
                "train_until": utc_iso(span.label_end_ms),
                **search_tags(forecaster.search_),
            },
            run_name=f"{horizon.name} until {utc_iso(int(rows.label_end_ms.max()))}",
        )
    log_search(workspace.registry, version, forecaster.search_)
    registered = workspace.registry.log_certificate(version, certificate)
    try_card(workspace, registered)
    return registered


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
