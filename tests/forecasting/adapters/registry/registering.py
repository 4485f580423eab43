"""Bundles registered, and what the registry then holds."""

from pathlib import Path
from urllib.parse import unquote, urlparse

from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.registry import ModelRegistry

MODEL = "forecast-1h"


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
