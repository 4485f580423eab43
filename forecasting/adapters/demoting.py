"""What happens when following a served model loses: the version before it serves again, or naive."""

from __future__ import annotations

import logging

from forecasting.adapters.promotion.pointer import Mover, Pointer
from forecasting.adapters.promotion.step import roll_back
from forecasting.adapters.store.alerts import Alert, AlertBook
from forecasting.adapters.store.monitor_book import Demand
from forecasting.adapters.watching import ModelWatch
from forecasting.adapters.workspace import Workspace
from forecasting.errors import DamagedBundle, PointerMoved

DEMOTED = "demoted"
MONITOR = Mover("watch-production", "monitor")
PREVIOUS, NAIVE = "previous", "naive"

_log = logging.getLogger(__name__)


def goal(watch: ModelWatch) -> str:
    """Say what shall serve instead: the version before, if nothing speaks against it, else naive."""
    quiet = watch.previous is not None and watch.previous.monitored.demand is None
    return PREVIOUS if quiet else NAIVE


def demote(workspace: Workspace, watch: ModelWatch) -> Pointer | None:
    """Carry out what the kept evidence demands; None when nothing does, or another moved the pointer first.

    The demand was kept before, so a run that was killed in between leaves it to the next one; and it names the
    pointer's epoch, so of two runs one moves it.

    Raises
    ------
    StoreUnavailable, RegistryUnavailable
        They cannot be used; the next run tries again.
    """
    demand = watch.production.monitored.demand
    if demand is None:
        return None
    alert = _alert(watch, demand)
    AlertBook(workspace.store).keep(alert)
    try:
        moved = _moved(workspace, watch, goal(watch), demand.reason)
    except DamagedBundle as error:
        reason = f"{demand.reason}; the version before it cannot serve: {error}"
        moved = _moved(workspace, watch, NAIVE, reason)
    if moved is not None:
        AlertBook(workspace.store).announce(alert)
    return moved


def _moved(workspace: Workspace, watch: ModelWatch, to: str, reason: str) -> Pointer | None:
    pointer = watch.pointer
    try:
        return roll_back(
            workspace, pointer.model_name, MONITOR, reason, to, "demote", judged_epoch=pointer.epoch
        )
    except PointerMoved as error:
        _log.info("%s is not demoted: %s", pointer.model_name, error)
        return None


def _alert(watch: ModelWatch, demand: Demand) -> Alert:
    """Make the alert, which every run gives the same id: kept before the move, it is there once, whoever is killed."""
    placed = watch.production.placed
    facts = {
        "model": placed.model_id,
        "version": placed.version,
        "serves instead": goal(watch),
        "reason": demand.reason,
    }
    identity = f"{DEMOTED}|{watch.pointer.model_name}|{placed.digest}|{demand.at_ms}"
    return Alert(identity, DEMOTED, demand.at_ms, facts)
