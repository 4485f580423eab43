"""A changed cadence, put into the schedules of the Prefect server that works for this workspace; else for later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from deployments.local.addresses import read_address
from forecasting.horizons import Horizon
from forecasting.settings import Settings

NOT_RUNNING = "foretick up does not run here"
OTHER_WORKSPACE = "foretick up runs for another workspace"


def cadences_of(settings: Settings, horizons: Sequence[Horizon]) -> list[dict[str, Any]]:
    """Apply the cadences of these horizons where their Prefect server is known; what became of each."""
    if not horizons:
        return []
    address, works_for = read_address(settings, "prefect_api"), read_address(settings, "workspace")
    # Another installation's server may answer at the usual port: its schedules are none of ours.
    if settings.prefect_api_url is None and address is None:
        return [_kept(each, NOT_RUNNING) for each in horizons]
    if works_for not in (None, settings.workspace):
        return [_kept(each, OTHER_WORKSPACE) for each in horizons]
    from serving.jobs.cadence import apply_cadences
    from serving.jobs.orchestrator import Orchestrator

    named = settings if settings.prefect_api_url else settings.model_copy(update={"prefect_api_url": address})
    return [asdict(each) for each in apply_cadences(Orchestrator.of(named), horizons)]


def _kept(horizon: Horizon, reason: str) -> dict[str, Any]:
    return {"horizon": horizon.name, "cron": horizon.retrain_cron, "outcome": "kept", "reason": reason}
