"""The pointer: one document for each model that says what serves, and the only truth about it.

It is replaced whole by compare-and-set on its epoch, so of two who move it at once one is told that the other was
first. Each move carries a fence, the version of the lease under which it is made: a mover that was stopped past its
lease has a lower one than its successor and is refused. Aliases and tags in MLflow mirror the pointer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from forecasting.adapters.store.collections import POINTERS
from forecasting.adapters.store.port import ID, VERSION, DocumentStore
from forecasting.errors import PointerMoved

Kind = Literal["promote", "rollback", "deprecate", "demote", "adopt"]
Via = Literal["gate", "command", "api", "mlflow", "monitor"]
NAIVE = "naive"


@dataclass(frozen=True, slots=True)
class Mover:
    """Who asks for a move (a person on a machine, or the part of Foretick that acts), and where it was asked."""

    who: str
    via: Via


@dataclass(frozen=True, slots=True)
class Placed:
    """A version that was verified and may serve.

    Attributes
    ----------
    version
        Number in the registry, as text.
    digest, model_id
        Of its bundle.
    evidence
        `proven` when its recipe holds a licence, else `unproven`.
    recipe
        Hash of its recipe; empty for a version from before recipes were hashed.
    """

    version: str
    digest: str
    model_id: str
    evidence: str
    recipe: str


@dataclass(frozen=True, slots=True)
class Move:
    """Why the pointer is as it is: its last change.

    Attributes
    ----------
    kind
        What was done: `adopt` takes over what an alias named before there was a pointer.
    origin, target
        Version that served before and after; None is naive. A deprecated version for `deprecate`.
    who
        A person on a machine, or the part of Foretick that acted.
    via
        Where it was asked.
    reason
        In words.
    at_ms
        When, epoch milliseconds UTC.
    decision
        Id of the gate's decision; None where it was not asked.
    """

    kind: Kind
    origin: str | None
    target: str | None
    who: str
    via: Via
    reason: str
    at_ms: int
    decision: str | None = None

    @property
    def overrides_gate(self) -> bool:
        """Whether a version was put in production because somebody said so, not because the gate decided it."""
        return self.kind == "promote" and self.decision is None

    @property
    def title(self) -> str:
        """What a person calls it."""
        return f"{self.kind} without the gate" if self.overrides_gate else self.kind

    def to_document(self) -> dict[str, Any]:
        """As the pointer and the ledger of moves keep it."""
        document = asdict(self)
        return {**document, "from": document.pop("origin"), "to": document.pop("target")}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Move:
        """Inverse of `to_document`, also for a document of the ledger, which holds more."""
        names = ("kind", "who", "via", "reason", "at_ms", "decision")
        return cls(**{name: document[name] for name in names}, origin=document["from"], target=document["to"])


@dataclass(frozen=True, slots=True)
class Pointer:
    """What serves for one model.

    Attributes
    ----------
    model_name
        As in `forecast-1h`.
    epoch
        Number of moves so far; grows by one with each.
    fence
        Version of the lease that the last mover held.
    moved_ms
        When it was moved last, epoch milliseconds UTC.
    production, previous
        What serves, and what one step back leads to; None is naive.
    deprecated
        Numbers of the versions that were replaced, rolled back or withdrawn.
    move
        The last change.
    """

    model_name: str
    epoch: int
    fence: int
    moved_ms: int
    production: Placed | None
    previous: Placed | None
    deprecated: tuple[str, ...]
    move: Move

    @property
    def serving(self) -> str | None:
        """Number of the version that serves; None is naive."""
        return None if self.production is None else self.production.version

    def status(self, version: str) -> str:
        """`production`, `deprecated` or `candidate`."""
        if version == self.serving:
            return "production"
        return "deprecated" if version in self.deprecated else "candidate"

    def to_document(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {
            ID: self.model_name,
            VERSION: self.epoch,
            "fence": self.fence,
            "moved_ms": self.moved_ms,
            "production": None if self.production is None else asdict(self.production),
            "previous": None if self.previous is None else asdict(self.previous),
            "deprecated": list(self.deprecated),
            "move": self.move.to_document(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Pointer:
        """Inverse of `to_document`."""
        return cls(
            model_name=document[ID],
            epoch=document[VERSION],
            fence=document["fence"],
            moved_ms=document["moved_ms"],
            production=_placed(document["production"]),
            previous=_placed(document["previous"]),
            deprecated=tuple(document["deprecated"]),
            move=Move.from_document(document["move"]),
        )


def read_pointer(store: DocumentStore, model_name: str) -> Pointer | None:
    """Return the pointer of a model; None before anything was ever put in production.

    Raises
    ------
    StoreUnavailable
        The store cannot be read.
    """
    document = store.get(POINTERS, model_name)
    return None if document is None else Pointer.from_document(document)


def move_pointer(store: DocumentStore, before: Pointer | None, after: Pointer) -> None:
    """Replace the pointer in one atomic step.

    Parameters
    ----------
    store
        Where it is.
    before
        The pointer that `after` was made from; None where there was none.
    after
        Its epoch is one more, and its fence that of the mover's lease.

    Raises
    ------
    PointerMoved
        The mover's lease was overtaken, or another moved the pointer first; nothing was changed.
    StoreUnavailable
        The store cannot be written; the pointer was moved or was not, and the next reader sees which.
    """
    epoch = 0 if before is None else before.epoch
    if after.epoch != epoch + 1:
        raise ValueError(f"epoch {epoch + 1} comes after {epoch}, {after.epoch} was given")
    if before is not None and after.fence < before.fence:
        raise PointerMoved(
            f"{after.model_name} was moved under lease {before.fence} and this mover holds {after.fence}, which ran out: "
            f"look at what serves, and run it again"
        )
    if not store.compare_and_set(POINTERS, after.to_document(), None if before is None else epoch):
        raise PointerMoved(
            f"another moved {after.model_name} past epoch {epoch} first: look at what serves, and run it again"
        )


def _placed(document: Mapping[str, Any] | None) -> Placed | None:
    return None if document is None else Placed(**document)
