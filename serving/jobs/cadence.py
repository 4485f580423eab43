"""The cadence of each horizon's training, put into Prefect's schedules: from the settings, never the other way round."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from forecasting.errors import OrchestratorUnavailable, UnknownDeployment
from forecasting.horizons import Horizon
from serving.jobs.orchestrator import Deployment, Orchestrator
from serving.jobs.retraining import training_of

PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Cadence:
    """What became of the schedule of one horizon's training.

    Attributes
    ----------
    horizon
        Its name.
    cron
        Five cron fields, UTC, as the settings have them.
    outcome
        `applied`: the schedule was changed; `in place`: it ran by them already; `kept`: it was not changed now.
    reason
        Why it was not changed; None where it runs by the settings.
    before
        Cron fields that it ran by until now; None where it had none of UTC, or is not known.
    paused
        Whether the schedule is paused, so that it starts nothing until a person resumes it.
    away
        Whether it was kept because Prefect did not answer or refused, and may not the next time.
    """

    horizon: str
    cron: str
    outcome: Literal["applied", "in place", "kept"]
    reason: str | None = None
    before: str | None = None
    paused: bool = False
    away: bool = False


def apply_cadences(orchestrator: Orchestrator, horizons: Iterable[Horizon]) -> list[Cadence]:
    """Let the training of each horizon run when its settings say; what does so already is left alone.

    It never fails: where Prefect does not answer, or has another number of schedules than one, the cadence is kept
    for the next time, and the answer says why. A schedule that a person paused stays paused.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    told: list[Cadence] = []
    away = None
    for each in horizons:
        if away is not None and time.monotonic() >= until:
            told.append(_kept(each, away, away=True))
            continue
        try:
            told.append(_applied(orchestrator, each))
        except UnknownDeployment as error:
            told.append(_kept(each, str(error)))
        except OrchestratorUnavailable as error:
            away = str(error)
            told.append(_kept(each, away, away=True))
    return told


def _applied(orchestrator: Orchestrator, horizon: Horizon) -> Cadence:
    deployment = orchestrator.deployment(training_of(horizon.name))
    if len(deployment.schedules) != 1:
        return _kept(horizon, _unclear(horizon, deployment))
    (schedule,) = deployment.schedules
    cron, before, paused = horizon.retrain_cron, schedule.utc_cron, not schedule.active
    if before == cron:
        return Cadence(horizon.name, cron, "in place", before=before, paused=paused)
    orchestrator.set_cron(deployment, schedule, cron)
    return Cadence(horizon.name, cron, "applied", before=before, paused=paused)


def _kept(horizon: Horizon, reason: str, *, away: bool = False) -> Cadence:
    return Cadence(horizon.name, horizon.retrain_cron, "kept", reason, away=away)


def _unclear(horizon: Horizon, deployment: Deployment) -> str:
    return (
        f"{training_of(horizon.name)} has {len(deployment.schedules)} schedules in Prefect, and one is needed to follow "
        f"the settings: make it one in Prefect's pages"
    )
