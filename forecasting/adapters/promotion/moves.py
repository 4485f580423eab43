"""The ledger of moves: every change of a pointer, who made it, where and why; written once, never changed.

A document is derived from the pointer, which holds its last move, after the pointer was moved. Whoever moves it next
writes that document first if it is not there, so a crash between the two loses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forecasting.adapters.promotion.pointer import Move, Pointer
from forecasting.adapters.store.collections import MOVES
from forecasting.adapters.store.port import ID, DocumentStore

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One move of one model: its place in the order, and what was done."""

    model_name: str
    epoch: int
    move: Move

    def to_document(self) -> dict[str, Any]:
        """As the ledger keeps it; its id sorts as the epochs do."""
        return {
            ID: f"{self.model_name}|{self.epoch:08d}",
            "model_name": self.model_name,
            "epoch": self.epoch,
            **self.move.to_document(),
        }


def record_last_move(store: DocumentStore, pointer: Pointer) -> LedgerEntry:
    """Write the pointer's last move unless it is there; the entry."""
    entry = LedgerEntry(pointer.model_name, pointer.epoch, pointer.move)
    store.put_new(MOVES, [entry.to_document()])
    return entry


def newest_moves(store: DocumentStore, model_name: str, limit: int = MOST_SHOWN) -> list[LedgerEntry]:
    """Return the moves of a model, the newest first."""
    found = store.find(MOVES, {"model_name": model_name}, sort="epoch", descending=True, limit=limit)
    return [LedgerEntry(each["model_name"], each["epoch"], Move.from_document(each)) for each in found]
