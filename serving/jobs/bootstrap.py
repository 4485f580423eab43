"""The first job of an installation: candles from a source, then a model of each horizon that they can serve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forecasting.adapters.jobs import Job
from serving.jobs.desk import Desk, Wanted

MAIN_JOB = "main-job/main-job"


def bootstrap(desk: Desk, parameters: Mapping[str, Any], who: str) -> Job:
    """Start the main job once: while it runs, or after it completed, return that job, which may be of another source.

    After a failure it is started anew.

    Raises
    ------
    OrchestratorUnavailable, UnknownDeployment, StoreUnavailable
        As `Desk.start`.
    """
    last = desk.latest("bootstrap")
    if last is not None and (not last.run.has_ended or last.run.state == "completed"):
        return last
    # Named after the failed one before it, so two callers at once ask for one and the same run.
    key = f"bootstrap after {'nothing' if last is None else last.id}"
    return desk.start(Wanted("bootstrap", MAIN_JOB, parameters, who, key, for_all=True))
