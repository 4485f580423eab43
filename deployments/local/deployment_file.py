"""What `foretick up` deploys: prefect.yaml, with trainings of those horizons that there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from forecasting.horizons import Horizon, load_horizons
from forecasting.settings import PROJECT, Settings

PREFECT_YAML = PROJECT / "prefect.yaml"


def deployment_file(settings: Settings) -> Path:
    """Return the file to deploy: prefect.yaml itself, or one in the home folder with trainings of one's own horizons.

    Raises
    ------
    InvalidSettings
        The horizons file cannot be understood.
    """
    document = yaml.safe_load(PREFECT_YAML.read_text(encoding="utf-8"))
    horizons, shipped = load_horizons(settings.horizons_file), load_horizons()
    trainings = {name: each for each in document["deployments"] if (name := _trained(each)) is not None}
    # A training of a shipped horizon that is not there was taken out on purpose.
    own = [each for name, each in horizons.items() if name not in trainings and name not in shipped]
    pattern = next(iter(trainings.values()), None)
    if trainings.keys() <= horizons.keys() and (pattern is None or not own):
        return PREFECT_YAML
    kept = [each for each in document["deployments"] if _trained(each) in {None, *horizons}]
    document["deployments"] = [*kept, *(_training(pattern, each) for each in own if pattern is not None)]
    file = settings.home / "prefect.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file


def _trained(deployment: dict[str, Any]) -> str | None:
    """Name of the horizon that a deployment trains; None where it does something else."""
    name: str | None = (deployment.get("parameters") or {}).get("horizon")
    return name


def _training(pattern: dict[str, Any], horizon: Horizon) -> dict[str, Any]:
    (schedule,) = pattern["schedules"]
    return pattern | {
        "name": f"train-{horizon.name}",
        "description": f"Train the {horizon.name} horizon on the newest validated candles, and register the candidate.",
        "tags": ["foretick", "training", horizon.name],
        "parameters": {"horizon": horizon.name},
        "schedules": [schedule | {"cron": horizon.retrain_cron}],
    }
