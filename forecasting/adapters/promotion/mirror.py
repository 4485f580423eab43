"""The aliases of MLflow follow the pointer, and a person's hand in MLflow's pages is a request that moves it.

`settle_aliases` is idempotent and may be called at any time by anybody: it ends what a killed mover left, verifies and
applies what a person asked for by moving or removing the alias `production`, and puts back an alias that names what
cannot serve. MLflow tells nobody who moved an alias, so the ledger says a person in MLflow.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from forecasting.adapters.model_version import DEPRECATED, PREVIOUS
from forecasting.adapters.promotion.change import Stamp, Wish, first_pointer, fulfilled
from forecasting.adapters.promotion.finishing import finish_move, tell_put_back
from forecasting.adapters.promotion.installation import Installation, sole_mover
from forecasting.adapters.promotion.moves import record_last_move
from forecasting.adapters.promotion.pointer import Kind, Mover, Placed, Pointer, move_pointer
from forecasting.adapters.promotion.sight import Sight, look
from forecasting.adapters.promotion.verification import verify_version
from forecasting.errors import DamagedBundle, UnknownVersion

Outcome = Literal["nothing to do", "mended", "adopted", "applied", "put back", "overtaken"]

SOMEBODY = Mover("a person in MLflow", "mlflow")


def settle_aliases(installation: Installation, model_name: str, *, thorough: bool = False) -> Outcome:
    """Make pointer, ledger, aliases and tags agree; what had to be done.

    Parameters
    ----------
    installation
        The stores.
    model_name
        As in `forecast-1h`.
    thorough
        Whether tags and the other aliases are compared even where the alias `production` is as it was written.

    Raises
    ------
    StoreUnavailable, RegistryUnavailable
        They cannot be used, or another mover holds the lease still; the next call goes on.
    PointerMoved
        Another moved the pointer meanwhile; the next call goes on.
    """
    sight = look(installation, model_name)
    if sight.state == "nothing" or (sight.state == "settled" and not thorough):
        return "nothing to do"
    if sight.state == "foreign":
        return _adopt(installation, sight)
    if sight.state == "requested":
        return _answer(installation, sight)
    with sole_mover(installation.store, model_name) as held:
        return "mended" if finish_move(installation, model_name, held) else "nothing to do"


def _adopt(installation: Installation, sight: Sight) -> Outcome:
    """Take over what aliases named before there was a pointer; what cannot be loaded serves no more."""
    name, previous = sight.model_name, sight.aliases.get(PREVIOUS)
    production, problem = _verified(installation, name, sight.alias)
    before = _verified(installation, name, previous)[0] if previous else None
    deprecated = {each.version for each in installation.registry.versions(name, DEPRECATED)}
    with sole_mover(installation.store, name) as held:
        if look(installation, name).state != "foreign":
            return "overtaken"
        if problem:
            tell_put_back(installation, sight, problem)
        reason = problem or f"the alias named version {sight.alias} before there was a pointer"
        stamp = Stamp(SOMEBODY, held.version, sight.now_ms)
        pointer = fulfilled(first_pointer(name), Wish("adopt", production, reason), stamp)
        kept = tuple(sorted(deprecated - {pointer.serving}, key=int))
        move_pointer(installation.store, None, replace(pointer, previous=before, deprecated=kept))
        finish_move(installation, name, held)
    return "adopted"


def _answer(installation: Installation, sight: Sight) -> Outcome:
    """Apply what a person asked for, or put the alias back where it cannot serve."""
    name, target, problem = sight.model_name, None, ""
    if sight.alias:
        target, problem = _verified(installation, name, sight.alias)
    with sole_mover(installation.store, name) as held:
        again = look(installation, name)
        if again.pointer is None or (again.state, again.alias) != ("requested", sight.alias):
            return "overtaken"
        if problem:
            tell_put_back(installation, sight, problem)
        else:
            record_last_move(installation.store, again.pointer)
            wish = Wish(_kind(again.pointer, target), target, _said(target))
            stamp = Stamp(SOMEBODY, held.version, again.now_ms)
            move_pointer(installation.store, again.pointer, fulfilled(again.pointer, wish, stamp))
        finish_move(installation, name, held, answered=sight.alias)
    return "put back" if problem else "applied"


def _verified(installation: Installation, model_name: str, version: str) -> tuple[Placed | None, str]:
    """Verify a version; why it cannot serve, empty when it can."""
    try:
        return verify_version(installation, installation.registry.version(model_name, version)), ""
    except (DamagedBundle, UnknownVersion) as error:
        return None, str(error)


def _kind(pointer: Pointer, target: Placed | None) -> Kind:
    """Name the move: going back to what served before is a rollback, and so is naive."""
    return "rollback" if target is None or target.version in pointer.deprecated else "promote"


def _said(target: Placed | None) -> str:
    if target is None:
        return "the alias production was removed in MLflow"
    return f"the alias production was moved to version {target.version} in MLflow"
