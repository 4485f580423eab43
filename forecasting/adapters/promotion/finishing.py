"""The end of every move: its entry in the ledger, then aliases and tags as the pointer says; the same call ends a killed one."""

from __future__ import annotations

from forecasting.adapters.model_version import PRODUCTION
from forecasting.adapters.promotion.installation import Installation
from forecasting.adapters.promotion.marks import needed_aliases, needed_tags, write_marks
from forecasting.adapters.promotion.mirror_log import begin_note, end_note
from forecasting.adapters.promotion.moves import record_last_move
from forecasting.adapters.promotion.sight import Sight, look
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.lease import Lease

ALIAS_PUT_BACK = "alias put back"
OVERRULED = (
    "what serves was moved back before anybody heard the request: move the alias again if you still want it"
)


def finish_move(
    installation: Installation,
    model_name: str,
    held: Lease,
    answered: str | None = None,
    *,
    overrule: bool = False,
) -> bool:
    """Write the pointer's last move into the ledger, and aliases and tags as it says; whether anything had to be.

    Parameters
    ----------
    installation, model_name
        The stores and the model.
    held
        The mover's lease.
    answered
        What a person wrote into the alias and was dealt with; any other hand of a person is left for the next call.
    overrule
        Whether the move wins over whatever a person wrote into the alias and nobody heard yet, with an alert.

    Raises
    ------
    StoreUnavailable, RegistryUnavailable
        They cannot be used, or the lease was lost; the next call goes on.
    PointerMoved
        Another mirrors at the same time.
    """
    store, registry = installation.store, installation.registry
    sight = look(installation, model_name)
    if sight.pointer is None:
        return False
    record_last_move(store, sight.pointer)
    if sight.state == "requested" and sight.alias != answered:
        if not overrule:
            return False
        tell_put_back(installation, sight, OVERRULED)
    versions = registry.versions(model_name)
    aliases = needed_aliases(sight.pointer, versions, sight.aliases)
    tags = needed_tags(sight.pointer, versions)
    if sight.state == "settled" and not aliases and not tags:
        return False
    held.renew()  # A stopped mover notices here, right before it would write over its successor.
    wanted = aliases.get(PRODUCTION, sight.alias)
    begun = begin_note(store, sight.note, model_name, sight.pointer.epoch, sight.alias, wanted, sight.now_ms)
    write_marks(registry, model_name, aliases, tags)
    end_note(store, begun)
    return True


def tell_put_back(installation: Installation, sight: Sight, reason: str) -> None:
    """Alert before the alias is put back, once however often that has to be tried."""
    facts = {"model_name": sight.model_name, "version": sight.alias, "reason": reason}
    writes = 0 if sight.note is None else sight.note.writes
    name = f"{ALIAS_PUT_BACK}|{sight.model_name}|{sight.alias}|{writes}"
    AlertBook(installation.store).raise_once(name, ALIAS_PUT_BACK, facts)
