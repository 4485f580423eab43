"""What `foretick up` deploys: prefect.yaml, and a training for each horizon of one's own that it has none for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from forecasting.horizons import Horizon, load_horizons
from forecasting.settings import PROJECT, Settings

PREFECT_YAML = PROJECT / "prefect.yaml"


def deployment_file(settings: Settings) -> Path:
    """Return the file to deploy: prefect.yaml itself where it has a training for every horizon, else one in the home folder.

    Raises
    ------
    InvalidSettings
        The horizons file cannot be understood.
    """
    document = yaml.safe_load(PREFECT_YAML.read_text(encoding="utf-8"))
    known = {each["name"]: each for each in document["deployments"]}
    horizons = load_horizons(settings.horizons_file).values()
    own = [each for each in horizons if training_name(each.name) not in known]
    if not own:
        return PREFECT_YAML
    pattern = known[training_name("1h")]
    document["deployments"] += [_training(pattern, horizon) for horizon in own]
    file = settings.home / "prefect.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file


def training_name(horizon: str) -> str:
    """Name of the deployment that trains a horizon, as in `train-1h`."""
    return f"train-{horizon}"


def _training(pattern: dict[str, Any], horizon: Horizon) -> dict[str, Any]:
    (schedule,) = pattern["schedules"]
    return pattern | {
        "name": training_name(horizon.name),
        "description": f"Train the {horizon.name} horizon on the newest validated candles, and register the candidate.",
        "tags": ["foretick", "training", horizon.name],
        "parameters": {"horizon": horizon.name},
        "schedules": [schedule | {"cron": horizon.retrain_cron}],
    }
