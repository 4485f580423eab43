"""Two processes that move one pointer, round after round, and a registry beside them that costs no time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path

from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.promotion import installation, step
from forecasting.adapters.promotion.pointer import Mover, Placed, Pointer, read_pointer
from forecasting.adapters.store import lease
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import PointerMoved, StoreUnavailable
from tests.forecasting.adapters.store.places import Place

MODEL = "forecast-1h"
ALIASES = "aliases"


class StoredRegistry:
    """What a move asks of MLflow, in the document store: versions 1 to 9, their tags, and the aliases."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def version(self, model_name: str, number: str) -> RegisteredVersion:
        tags = {"bundle_digest": f"digest-{number}", **self._read(f"tags-{number}")}
        return RegisteredVersion(model_name, number, tags, (), "run", "nowhere", 0, "")

    def versions(self, model_name: str, status: str | None = None) -> list[RegisteredVersion]:
        found = [self.version(model_name, str(number)) for number in range(9, 0, -1)]
        return [each for each in found if status in (None, each.status)]

    def aliases(self, _: str) -> dict[str, str]:
        return self._read(ALIASES)

    def point_alias(self, _: str, alias: str, version: str | None) -> None:
        others = {name: number for name, number in self._read(ALIASES).items() if name != alias}
        self._write(ALIASES, others | ({} if version is None else {alias: version}))

    def tag(self, version: RegisteredVersion, tags: dict[str, str]) -> None:
        name = f"tags-{version.version}"
        self._write(name, self._read(name) | tags)

    def _read(self, name: str) -> dict[str, str]:
        document = self._store.get("settings", name)
        return {} if document is None else document["values"]

    def _write(self, name: str, values: dict[str, str]) -> None:
        self._store.put("settings", {"_id": name, "values": values})


@dataclass(frozen=True)
class Raced:
    """An installation of nothing but a store."""

    store: DocumentStore
    registry: StoredRegistry
    bundle_folder: Path


def placed(version: str) -> Placed:
    """What a verified version looks like here."""
    return Placed(version, f"digest-{version}", f"1h-{version}", "unproven", "")


def prepare() -> None:
    """Skip what a bundle's verification costs, and ask for a taken lease often."""
    lease.TRY_AGAIN_SECONDS = 0.001
    step.verify_version = lambda _, version: placed(version.version)
    step.verify_again = lambda _, __, before: before


def installed(store: DocumentStore) -> Raced:
    return Raced(store, StoredRegistry(store), Path("unused"))


Move = Callable[[Raced, Pointer, int], Pointer]


def promote(raced: Raced, seen: Pointer, number: int) -> Pointer:
    """Promote the version of this mover that does not serve, as judged against what served when the round began."""
    mine = [str(2 * number + 1), str(2 * number + 2)]
    version = next(each for each in mine if each != seen.serving)
    return step.promote(
        raced, MODEL, version, Mover(f"mover {number}", "gate"), "judged", judged_epoch=seen.epoch
    )


def roll_back(raced: Raced, seen: Pointer, number: int) -> Pointer:
    """Go back to what served before, as long as that is what was seen."""
    return step.roll_back(raced, MODEL, Mover(f"mover {number}", "command"), "worse", judged_epoch=seen.epoch)


def race(place: Place, number: int, move: Move, rounds: int, barrier: Barrier) -> list[bool]:
    """Move once in each round, together with the others; where this mover won."""
    prepare()
    won = []
    with closing(place.open()) as store:
        raced = installed(store)
        for _ in range(rounds):
            barrier.wait(60)
            seen = read_pointer(store, MODEL)
            assert seen is not None
            barrier.wait(60)
            won.append(_wins(raced, move, seen, number))
    return won


def _wins(raced: Raced, move: Move, seen: Pointer, number: int) -> bool:
    try:
        return move(raced, seen, number).epoch == seen.epoch + 1
    except PointerMoved:
        return False


def stop_at(place: Place, where: str) -> str:
    """Promote version 9, but stop this very process right before a step; what became of it after it went on."""
    prepare()
    installation.LEASE_SECONDS = 0.05
    module, name = {"pointer": (step, "move_pointer"), "marks": (step, "finish_move")}[where]
    carry_on = getattr(module, name)

    def stop_first(*arguments: object, **options: object) -> object:
        os.kill(os.getpid(), signal.SIGSTOP)
        return carry_on(*arguments, **options)

    setattr(module, name, stop_first)
    with closing(place.open()) as store:
        try:
            step.promote(installed(store), MODEL, "9", Mover("the stopped one", "gate"), "too late")
        except (PointerMoved, StoreUnavailable) as error:
            return f"{type(error).__name__}: {error}"
    return "promoted"
