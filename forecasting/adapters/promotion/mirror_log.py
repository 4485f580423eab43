"""What we wrote into the alias `production` of MLflow, noted before and after: anything else in it is a person's hand.

Before the alias is written, the note names the value that was seen and the one that is wanted: after a crash either is
ours. Once all marks are written it names the wanted one alone. A mover that was stopped between its note and its write
may still write after another took over; that value is `late` for a while, and is put back rather than obeyed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from forecasting.adapters.store.collections import MIRRORS
from forecasting.adapters.store.port import ID, VERSION, DocumentStore
from forecasting.errors import PointerMoved

LATE_MS = 900_000
NO_ALIAS = ""


@dataclass(frozen=True, slots=True)
class MirrorNote:
    """What the alias may hold without a person having touched it.

    Attributes
    ----------
    model_name
        As in `forecast-1h`.
    writes
        How often the note was written.
    epoch
        Of the pointer that is mirrored.
    known
        The value that is there, or the one seen before and the one wanted while it is written; empty text for none.
    late
        A value that a stopped mover may still write, and until when, epoch milliseconds UTC; None for none.
    """

    model_name: str
    writes: int
    epoch: int
    known: tuple[str, ...]
    late: tuple[str, int] | None = None

    @property
    def wanted(self) -> str:
        """What the last writer wanted the alias to be."""
        return self.known[-1]

    @property
    def finished(self) -> bool:
        """Whether the last writer came to its end."""
        return len(self.known) == 1

    def is_late(self, alias: str, now_ms: int) -> bool:
        """Whether a stopped mover may have written this value."""
        return self.late is not None and self.late[0] == alias and now_ms < self.late[1]

    def to_document(self) -> dict[str, Any]:
        """As the store keeps it."""
        late = None if self.late is None else list(self.late)
        return {
            ID: self.model_name,
            VERSION: self.writes,
            "epoch": self.epoch,
            "known": list(self.known),
            "late": late,
        }


def read_note(store: DocumentStore, model_name: str) -> MirrorNote | None:
    """Return the note of a model; None before its alias was ever written."""
    document = store.get(MIRRORS, model_name)
    if document is None:
        return None
    late = document["late"]
    return MirrorNote(
        document[ID],
        document[VERSION],
        document["epoch"],
        tuple(document["known"]),
        None if late is None else (late[0], late[1]),
    )


def begin_note(
    store: DocumentStore,
    before: MirrorNote | None,
    model_name: str,
    epoch: int,
    seen: str,
    wanted: str,
    now_ms: int,
) -> MirrorNote:
    """Note that the alias is about to be written; the new note.

    Raises
    ------
    PointerMoved
        Another mirrors at the same time.
    """
    late = None if before is None else before.late
    if before is not None and not before.finished and before.wanted not in {seen, wanted}:
        late = (before.wanted, now_ms + LATE_MS)
    writes = 0 if before is None else before.writes
    return _write(store, before, MirrorNote(model_name, writes + 1, epoch, (seen, wanted), late))


def end_note(store: DocumentStore, begun: MirrorNote) -> MirrorNote:
    """Note that everything is written as wanted; the new note.

    Raises
    ------
    PointerMoved
        Another mirrors at the same time.
    """
    return _write(store, begun, replace(begun, writes=begun.writes + 1, known=(begun.wanted,)))


def _write(store: DocumentStore, before: MirrorNote | None, after: MirrorNote) -> MirrorNote:
    if not store.compare_and_set(MIRRORS, after.to_document(), None if before is None else before.writes):
        raise PointerMoved(
            f"another mirrors the pointer of {after.model_name} in MLflow right now: what serves is right all the same"
        )
    return after
