"""What Prefect must know before a worker can run anything: the work pool, and the deployments of prefect.yaml."""

from __future__ import annotations

import contextlib

import httpx

from deployments.local.leftovers import Leftovers, close_cut_short, close_leftovers
from deployments.local.stack import WORK_POOL


def prepare_prefect(*, alone: bool) -> Leftovers:
    """Make the work pool where there is none, and close what the last stack left.

    Parameters
    ----------
    alone
        Nobody else uses the server, so a run that is under way cannot have a worker.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.workers.process import ProcessWorker

    pool = WorkPoolCreate(
        name=WORK_POOL,
        type=ProcessWorker.type,
        description="Foretick's flows, each in a process of its own on the machine where `foretick up` runs.",
        base_job_template=ProcessWorker.get_default_base_job_template(),
    )
    with get_client(sync_client=True) as client:
        with contextlib.suppress(ObjectAlreadyExists):
            client.create_work_pool(pool)
        return close_leftovers(client) if alone else Leftovers(0, 0)


def close_runs_under_way() -> int:
    """Mark the runs that the worker left as crashed, now that it is gone; how many there were.

    A server that does not answer any more is no trouble: the next start closes them.
    """
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectException

    try:
        with get_client(sync_client=True) as client:
            return close_cut_short(client)
    except (PrefectException, httpx.HTTPError):
        return 0
