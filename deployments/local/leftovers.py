"""What a stack that is gone left in Prefect's database: runs that never ended, and runs that were never begun.

A run whose worker was killed stays Running or Pending for ever and keeps its deployment's only slot, so the next run
would wait for ever too. And runs that fell due while nothing ran would all begin at once with the next start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from deployments.local.stack import WORK_POOL

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

_UNFINISHED = {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}
CUT_SHORT = "The stack was ended while this run was under way. Start it again: what was stored is kept."
MISSED = "This run fell due while the stack was not running. The next one comes with its schedule."


@dataclass(frozen=True, slots=True)
class Leftovers:
    """How many runs were closed.

    Attributes
    ----------
    cut_short
        Runs that were under way when the last stack ended.
    missed
        Scheduled runs that fell due while nothing ran.
    """

    cut_short: int
    missed: int


def close_leftovers(client: SyncPrefectClient) -> Leftovers:
    """Close what the last stack left; call it while no worker runs, on a server that no other worker uses."""
    return Leftovers(close_cut_short(client), _close_missed(client))


def close_cut_short(client: SyncPrefectClient) -> int:
    """Mark the runs that are under way as crashed, and the flows that they called; how many there were.

    Call it while no worker runs, on a server that no other worker uses.
    """
    from prefect.states import Crashed

    under_way = _with_children(client, _runs_of_pool(client, {"state": _UNFINISHED}))
    for run in under_way:
        client.set_flow_run_state(run.id, Crashed(message=CUT_SHORT), force=True)
    return len(under_way)


def _close_missed(client: SyncPrefectClient) -> int:
    from prefect.client.schemas.objects import State, StateType

    due = {"before_": datetime.now(UTC)}
    waiting = _runs_of_pool(client, {"state": {"type": {"any_": ["SCHEDULED"]}}, "expected_start_time": due})
    missed = [run for run in waiting if run.auto_scheduled]
    for run in missed:
        state = State(type=StateType.CANCELLED, name="Missed", message=MISSED)
        client.set_flow_run_state(run.id, state, force=True)
    return len(missed)


def _runs_of_pool(client: SyncPrefectClient, which: dict[str, Any]) -> list[FlowRun]:
    from prefect.client.schemas.filters import FlowRunFilter, WorkPoolFilter

    pool = WorkPoolFilter.model_validate({"name": {"any_": [WORK_POOL]}})
    return client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(which), work_pool_filter=pool)


def _with_children(client: SyncPrefectClient, runs: list[FlowRun]) -> list[FlowRun]:
    """Return the runs, the unfinished flows that they called, and those that these called."""
    from prefect.client.schemas.filters import FlowRunFilter

    found, parents = list(runs), [str(run.id) for run in runs]
    while parents:
        which = {"state": _UNFINISHED, "parent_flow_run_id": {"any_": parents}}
        children = client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(which))
        parents = [str(run.id) for run in children]
        found += children
    return found
