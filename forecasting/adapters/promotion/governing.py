"""What a person asks of one registered version over the API: the same steps as on the command line.

Going back to what served before needs no MLflow: bundle, pointer and ledger are here, and aliases follow. The rest asks
MLflow for the version, which a process of its own does, so that a server never imports it.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn, Self, cast

from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.promotion.change import demand_idle
from forecasting.adapters.promotion.child import ChildAnswer, ask_child
from forecasting.adapters.promotion.installation import Installation
from forecasting.adapters.promotion.moves import record_last_move
from forecasting.adapters.promotion.pointer import Mover, Pointer, read_pointer
from forecasting.adapters.promotion.step import roll_back
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.store.card_book import CardBook
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import (
    DamagedBundle,
    ForetickError,
    InputError,
    MachineError,
    PointerMoved,
    RegistryUnavailable,
    StoreUnavailable,
    UnknownVersion,
)

Action = Literal["promote", "deprecate", "rollback"]
Goal = Literal["previous", "naive"]

CHILD = "forecasting.adapters.promotion.governing_process"
SECONDS = 180.0
_DIGEST_START = re.compile("[0-9a-f]{12}")
FAILURES: dict[str, type[ForetickError]] = {
    each.__name__: each
    for each in (
        UnknownVersion,
        DamagedBundle,
        PointerMoved,
        RegistryUnavailable,
        StoreUnavailable,
        InputError,
    )
}


@dataclass(frozen=True, slots=True)
class Instruction:
    """What is asked of a version.

    Attributes
    ----------
    action
        What to do with it.
    model_id
        Which version, as in `1h-3f1c0a9b7d2e`.
    who, reason
        Who asks, and why; both are kept for good.
    to
        What a rollback leads to.
    """

    action: Action
    model_id: str
    who: str
    reason: str
    to: Goal = "previous"

    @property
    def mover(self) -> Mover:
        """As the ledger of moves names it."""
        return Mover(self.who, "api")

    @property
    def model_name(self) -> str:
        """Registered model of the version."""
        return f"forecast-{self.model_id.rpartition('-')[0]}"

    @property
    def names_bundle(self) -> bool:
        """Whether the id ends as every id does that a bundle gives its version: with twelve digits of a digest."""
        return _DIGEST_START.fullmatch(self.model_id.rpartition("-")[2]) is not None


@dataclass(frozen=True, slots=True)
class Governed:
    """The pointer as it is now, and whether it was moved for this."""

    pointer: Pointer
    moved: bool

    def to_document(self) -> dict[str, Any]:
        """As the process answers it."""
        return {"pointer": self.pointer.to_document(), "moved": self.moved}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Inverse of `to_document`."""
        return cls(Pointer.from_document(document["pointer"]), bool(document["moved"]))


@dataclass(frozen=True, slots=True)
class GoverningRequest:
    """What is asked, and where everything is."""

    place: WorkspacePlace
    instruction: Instruction

    def to_json(self) -> str:
        """As the process is told it."""
        return json.dumps({"place": asdict(self.place), "instruction": asdict(self.instruction)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Inverse of `to_json`."""
        said = json.loads(text)
        return cls(WorkspacePlace(**said["place"]), Instruction(**said["instruction"]))


class _Unasked:
    """In the place of a registry: whatever it is asked, it is not there, and no library is imported to find out."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RegistryUnavailable("MLflow is not asked here: its aliases follow the pointer")


@dataclass(frozen=True, slots=True)
class _Here:
    """An installation without a registry."""

    store: DocumentStore
    bundle_folder: Path
    registry: ModelRegistry


def govern(store: DocumentStore, request: GoverningRequest) -> Governed:
    """Do what is asked of a version; what was done already is done no second time.

    Parameters
    ----------
    store
        The open store of the place.
    request
        What is asked, and where.

    Raises
    ------
    UnknownVersion
        No such version is registered.
    InputError
        It cannot be: what serves cannot be deprecated, and where nothing ever served nothing can be rolled back.
    DamagedBundle
        What should serve cannot be loaded, so what serves serves on.
    PointerMoved
        Another moved the pointer first.
    StoreUnavailable, RegistryUnavailable
        They cannot be used; a rollback asks MLflow only where the bundle is not on this machine.
    MachineError
        The process could not be started, crashed or hung; the same request looks at what became of it.
    """
    if request.instruction.action == "rollback":
        try:
            here = _Here(store, Path(request.place.bundle_folder), cast("ModelRegistry", _Unasked()))
            return roll_back_version(here, request.instruction)
        except RegistryUnavailable:  # this machine has no copy of the bundle
            return govern_in_child(request)
    if request.instruction.action == "deprecate":
        _demand_idle(store, request.instruction)
    return govern_in_child(request)


def _demand_idle(store: DocumentStore, instruction: Instruction) -> None:
    """Refuse here what the pointer alone refuses, before a process imports MLflow for seconds."""
    pointer = read_pointer(store, instruction.model_name)
    placed = None if pointer is None else pointer.production
    if pointer is not None and placed is not None and placed.model_id == instruction.model_id:
        demand_idle(pointer, placed.version)


def roll_back_version(installation: Installation, instruction: Instruction) -> Governed:
    """Let what served before a version serve again; where the version does not serve, nothing is to be done.

    Raises
    ------
    UnknownVersion, InputError, DamagedBundle, PointerMoved, StoreUnavailable, RegistryUnavailable
        As `govern`.
    """
    pointer = read_pointer(installation.store, instruction.model_name)
    if pointer is None or pointer.production is None or pointer.production.model_id != instruction.model_id:
        return Governed(_known(installation.store, pointer, instruction), moved=False)
    after = roll_back(
        installation,
        instruction.model_name,
        instruction.mover,
        instruction.reason,
        instruction.to,
        judged_epoch=pointer.epoch,
    )
    record_last_move(installation.store, after)  # whoever mirrors it in MLflow may come much later
    return Governed(after, after.epoch != pointer.epoch)


def _known(store: DocumentStore, pointer: Pointer | None, instruction: Instruction) -> Pointer:
    previous = pointer.previous if pointer is not None else None
    served = previous is not None and previous.model_id == instruction.model_id
    if not served and CardBook(store).head(instruction.model_id) is None:
        raise UnknownVersion(
            f"no version {instruction.model_id} is registered: foretick models list names them"
        )
    if pointer is None:
        raise InputError(
            f"{instruction.model_name} has nothing to go back from: no version was ever put in production"
        )
    return pointer


def govern_in_child(request: GoverningRequest, seconds: float = SECONDS) -> Governed:
    """Do what is asked in a process of its own, which asks MLflow.

    Raises
    ------
    UnknownVersion, InputError, DamagedBundle, PointerMoved, StoreUnavailable, RegistryUnavailable, MachineError
        As `govern`.
    """
    answer = ask_child(
        CHILD,
        (),
        environment={name: text for name, text in os.environ.items() if name != "FORETICK_API_KEY"},
        seconds=seconds,
        purpose=f"to {request.instruction.action} a version with",
        told=request.to_json(),
    )
    return _understood(answer)


def _understood(answer: ChildAnswer) -> Governed:
    said = dict(answer.said)
    failed = FAILURES.get(str(said.get("failed")))
    if failed is not None:
        raise failed(" ".join(str(said.get("reason")).split())[:1000])
    if answer.failure or "pointer" not in said:
        raise MachineError(
            f"the process that moves what serves {answer.failure or 'answered nonsense'}: look at what serves, then ask again"
        )
    return Governed.from_document(said)
