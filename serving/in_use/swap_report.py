"""What a server's log says of a swap: which model replaces which, what was refused, which settings hold, a store that is away."""

from __future__ import annotations

import logging

from serving.in_use.settings import HorizonsInForce
from serving.in_use.snapshot import Snapshot

_log = logging.getLogger(__name__)


def report_swap(old: Snapshot, new: Snapshot) -> int:
    """Log what changed between two snapshots, each change once; how many models were swapped."""
    _report_problem(old, new)
    _report_settings(old.in_force, new.in_force)
    swaps = 0
    for name in old.models.keys() | new.models.keys():
        before, after = old.models.get(name), new.models.get(name)
        if (before and before.version) != (after and after.version):
            swaps += 1
            _log.info(
                "%s: %s replaces %s",
                name,
                after.model_id if after else "naive",
                before.model_id if before else "naive",
            )
    _report_refusals(old, new)
    return swaps


def _report_refusals(old: Snapshot, new: Snapshot) -> None:
    for name, refusal in new.refused.items():
        earlier = old.refused.get(name)
        if earlier is None or (earlier.version, earlier.reason) != (refusal.version, refusal.reason):
            _log.error(
                "%s: production version %s is refused: %s", name, refusal.version.number, refusal.reason
            )


def _report_settings(old: HorizonsInForce, new: HorizonsInForce) -> None:
    if new.version != old.version:
        _log.info("stored settings of version %s are in force", new.version)
    if new.problem != old.problem and new.problem is not None:
        _log.error("settings of version %s stay in force: %s", new.version, new.problem)


def _report_problem(old: Snapshot, new: Snapshot) -> None:
    if new.pointer_problem == old.pointer_problem:
        return
    if new.pointer_problem is None:
        _log.info("the production pointers can be read again")
    else:
        _log.warning(
            "the production pointers cannot be read, the models in use serve on: %s", new.pointer_problem
        )
