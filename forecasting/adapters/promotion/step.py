"""Promotion, rollback and deprecation: each one atomic step, which the next call finishes wherever it was killed.

Verify (digests, sandboxed load, golden rows), move the pointer by compare-and-set under a lease, write the move into
the ledger, then let aliases and tags follow. Until the pointer moved nothing has happened; once it moved all has, and
whoever comes next writes what is missing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from forecasting.adapters.promotion.change import Stamp, Wish, first_pointer, fulfilled, is_fulfilled
from forecasting.adapters.promotion.finishing import finish_move
from forecasting.adapters.promotion.installation import Installation, sole_mover, wall_clock_ms
from forecasting.adapters.promotion.mirror import settle_aliases
from forecasting.adapters.promotion.moves import record_last_move
from forecasting.adapters.promotion.pointer import (
    NAIVE,
    Kind,
    Mover,
    Placed,
    Pointer,
    move_pointer,
    read_pointer,
)
from forecasting.adapters.promotion.verification import verify_again, verify_version
from forecasting.adapters.store.lease import Lease
from forecasting.errors import InputError, PointerMoved, RegistryUnavailable

PREVIOUS = "previous"

_log = logging.getLogger(__name__)


def promote(
    installation: Installation,
    model_name: str,
    version: str,
    mover: Mover,
    reason: str,
    *,
    decision: str | None = None,
    evidence: str | None = None,
    judged_epoch: int | None = None,
) -> Pointer:
    """Let a registered version serve.

    Parameters
    ----------
    installation, model_name, version
        The stores, the model as in `forecast-1h`, and its version.
    mover, reason
        Who asks, and why.
    decision
        Id of the gate's decision; None for a person's override.
    evidence
        What the gate calls it, `proven` or `unproven`; None is what the licence of its recipe says.
    judged_epoch
        Epoch of the pointer whose production the gate compared with; None does not ask what serves.

    Returns
    -------
    Pointer
        As it is now; unchanged when this very bundle serves already.

    Raises
    ------
    UnknownVersion
        There is no such version.
    DamagedBundle
        It cannot be loaded, so what served serves on.
    PointerMoved
        Another moved the pointer since it was judged, or right now; nothing was changed.
    StoreUnavailable, RegistryUnavailable
        They cannot be used.
    """
    _settle(installation, model_name)
    verified = verify_version(installation, installation.registry.version(model_name, version))
    target = verified if evidence is None else replace(verified, evidence=evidence)

    def wish(pointer: Pointer) -> Wish:
        if judged_epoch not in {None, pointer.epoch}:
            raise _moved(pointer, f"while version {version} was judged: judge it again")
        return Wish("promote", target, reason, decision)

    return _move(installation, model_name, mover, wish)


def roll_back(
    installation: Installation,
    model_name: str,
    mover: Mover,
    reason: str,
    to: str = PREVIOUS,
    kind: Kind = "rollback",
    *,
    judged_epoch: int | None = None,
) -> Pointer:
    """Let `previous`, `naive` or a version of that number serve instead of what serves.

    The pointer moves before MLflow is asked for anything, so it waits for no registry where this machine has a copy
    of the bundle; a hand on the alias that nobody heard yet is overruled, with an alert. `judged_epoch` is that of the
    pointer whose production was judged; None does not ask what serves.

    Raises
    ------
    InputError
        Nothing ever served, or the version does not exist.
    DamagedBundle
        What it would go back to cannot be loaded, so what serves serves on.
    PointerMoved, StoreUnavailable, RegistryUnavailable
        As in `promote`.
    """
    seen = read_pointer(installation.store, model_name)
    if seen is None:
        _settle(installation, model_name)
        seen = read_pointer(installation.store, model_name)
    if seen is None:
        raise InputError(f"{model_name} has nothing to go back from: no version was ever put in production")
    target = _goal(installation, seen, to)

    def wish(pointer: Pointer) -> Wish:
        stale = to == PREVIOUS and pointer.previous != seen.previous
        if stale or judged_epoch not in {None, pointer.epoch}:
            raise _moved(pointer, "meanwhile: look at what serves, and run it again")
        return Wish(kind, target, reason)

    return _move(installation, model_name, mover, wish, overrule=True)


def deprecate(
    installation: Installation, model_name: str, version: str, mover: Mover, reason: str
) -> Pointer:
    """Withdraw a version: no alias names it, the gate is not asked about it, and one step back does not lead to it.

    Raises
    ------
    InputError
        It serves, or does not exist.
    PointerMoved, StoreUnavailable, RegistryUnavailable
        As in `promote`.
    """
    _settle(installation, model_name)
    number = installation.registry.version(model_name, version).version
    return _move(installation, model_name, mover, lambda _: Wish("deprecate", None, reason, withdrawn=number))


def _moved(pointer: Pointer, when: str) -> PointerMoved:
    return PointerMoved(f"{pointer.model_name} was moved ({pointer.move.title} by {pointer.move.who}) {when}")


def _goal(installation: Installation, pointer: Pointer, to: str) -> Placed | None:
    if to == NAIVE:
        return None
    if to == PREVIOUS:
        before = pointer.previous
        return None if before is None else verify_again(installation, pointer.model_name, before)
    return verify_version(installation, installation.registry.version(pointer.model_name, to))


def _move(
    installation: Installation,
    model_name: str,
    mover: Mover,
    wish_for: Callable[[Pointer], Wish],
    *,
    overrule: bool = False,
) -> Pointer:
    with sole_mover(installation.store, model_name) as held:
        stored = read_pointer(installation.store, model_name)
        if stored is not None:
            record_last_move(installation.store, stored)
        pointer = stored or first_pointer(model_name)
        wish = wish_for(pointer)
        if is_fulfilled(pointer, wish):
            if overrule:
                _finish(installation, model_name, held, overrule)
            return pointer
        held.renew()
        after = fulfilled(pointer, wish, Stamp(mover, held.version, wall_clock_ms()))
        move_pointer(installation.store, stored, after)
        _finish(installation, model_name, held, overrule)
    return after


def _settle(installation: Installation, model_name: str) -> None:
    """End what was left, and hear what a person asked for first: then neither is lost."""
    try:
        settle_aliases(installation, model_name)
    except RegistryUnavailable as error:
        _log.warning("the aliases of %s are settled later: %s", model_name, error)


def _finish(installation: Installation, model_name: str, held: Lease, overrule: bool) -> None:
    try:
        finish_move(installation, model_name, held, overrule=overrule)
    except RegistryUnavailable as error:
        _log.warning("%s was moved, its aliases follow later: %s", model_name, error)
