"""The pointers of the document store, which say what serves, and the alert where that cannot be used."""

from __future__ import annotations

from collections.abc import Callable

from forecasting.adapters.model_version import CANDIDATE
from forecasting.adapters.promotion.pointer import Placed, Pointer, read_pointer
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.card_book import CardBook
from forecasting.adapters.store.port import DocumentStore
from forecasting.horizons import Horizon
from serving.in_use.snapshot import Production, ProductionVersion, Refusal

REFUSED_MODEL = "refused model"
_DONE = {"rollback": "rolled back to naive", "demote": "demoted to naive", "deprecate": "deprecated"}


class StorePointers:
    """Reads pointers from the store that `store` opens; a store that is down is tried again at each look."""

    def __init__(self, store: Callable[[], DocumentStore]) -> None:
        self._store = store

    def production(self, horizon: Horizon) -> Production:
        """Read what the horizon's pointer says.

        Raises
        ------
        StoreUnavailable
            The store cannot be read.
        """
        pointer = read_pointer(self._store(), horizon.model_name)
        if pointer is None:
            return Production()
        placed = pointer.production
        if placed is None:
            return Production(None, pointer.epoch, _why_naive(pointer, horizon))
        withdrawn = _withdrawn(pointer)
        # After a rollback one step back leads to what was rolled back.
        before = pointer.previous if pointer.previous and pointer.previous.version != withdrawn else None
        previous = None if before is None else _version(before)
        return Production(_version(placed), pointer.epoch, previous=previous, withdrawn=withdrawn)

    def challenger(self, horizon: Horizon) -> ProductionVersion | None:
        """Newest registered version of the horizon, as its card says, unless it serves or was taken out.

        Raises
        ------
        StoreUnavailable
            The store cannot be read.
        """
        store, name = self._store(), horizon.model_name
        for card in CardBook(store).page(name, lambda _: True, None, 1).documents[:1]:
            pointer, number = read_pointer(store, name), str(card["version"])
            if pointer is None or pointer.status(number) == CANDIDATE:
                return ProductionVersion(number, str(card["digest"]))
        return None

    def alert(self, horizon: Horizon, refusal: Refusal, instead: str) -> None:
        """Keep an alert of the refusal, one for each version whatever number of servers refuses it.

        Raises
        ------
        StoreUnavailable
            The store cannot be written.
        """
        version = refusal.version
        AlertBook(self._store()).raise_once(
            f"{REFUSED_MODEL}|{horizon.model_name}|{version.number}|{version.digest}",
            REFUSED_MODEL,
            {
                "model_name": horizon.model_name,
                "version": version.number,
                "reason": refusal.reason,
                "instead": instead,
            },
        )


def _version(placed: Placed) -> ProductionVersion:
    return ProductionVersion(placed.version, placed.digest, placed.evidence)


def _withdrawn(pointer: Pointer) -> str | None:
    move = pointer.move
    if move.kind == "deprecate":
        return move.target
    return move.origin if move.kind in {"rollback", "demote"} else None


def _why_naive(pointer: Pointer, horizon: Horizon) -> str:
    move = pointer.move
    done = _DONE.get(move.kind, "taken out of production")
    return f"the production model for {horizon.name} was {done} by {move.who}: {move.reason}"
