"""SIGKILL before every side effect on the way from a fitted model to production and back.

After each kill the pointer names a bundle that is whole and loads, or what served before serves on; the same call again
ends the journey, and nobody repairs anything by hand.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import Pointer, read_pointer
from forecasting.adapters.workspace import open_workspace
from forecasting.forecaster.bundle import read_bundle
from tests.faults.crashes.journey import MODEL, settings_of
from tests.faults.crashes.zygote import INSTALLATION

NUMBERS = {"first": ("1", 1), "second": ("2", 2), "back": ("1", 3)}
"""By journey: the version that serves at its end, and the pointer's epoch."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a journey ended: the signal that killed it, its exit code, and its side effects when it lived."""

    status: int
    names: list[str]

    @property
    def killed(self) -> bool:
        return os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == signal.SIGKILL


class Travels:
    """Journeys from a saved state, each in a process of its own."""

    def __init__(self, folder: Path, zygote: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.installation = folder / INSTALLATION
        self._zygote = zygote

    def answer(self) -> Told:
        assert self._zygote.stdout is not None
        return Told(**json.loads(self._zygote.stdout.readline()))

    def go(self, journey: str, deadly: int | None = None) -> Told:
        assert self._zygote.stdin is not None
        print(json.dumps({"journey": journey, "deadly": deadly}), file=self._zygote.stdin, flush=True)
        return self.answer()

    def save(self, name: str) -> None:
        shutil.copytree(self.installation, self.folder / name)

    def restore(self, name: str) -> None:
        """Paths in MLflow's database are absolute, so a state is brought back to where it was."""
        shutil.rmtree(self.installation)
        shutil.copytree(self.folder / name, self.installation)


@pytest.fixture(scope="module")
def travels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Travels]:
    folder = tmp_path_factory.mktemp("crashes")
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.crashes.zygote", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as zygote:
        made = Travels(folder, zygote)
        made.answer()
        for done, following in pairwise(("open", *NUMBERS)):
            assert made.go(done).status == 0
            made.save(following)
        yield made
        assert zygote.stdin is not None
        zygote.stdin.close()


def assert_whole(folder: Path) -> Pointer | None:
    """What the pointer names is there and loads."""
    with open_workspace(settings_of(folder)) as workspace:
        pointer = read_pointer(workspace.store, MODEL)
        for placed in (pointer.production, pointer.previous) if pointer else ():
            if placed is not None:
                bundle = read_bundle(workspace.bundle_folder / placed.digest, placed.digest)
                assert bundle.model_id == placed.model_id
    return pointer


def assert_finished(folder: Path, version: str, epoch: int) -> None:
    """Pointer, ledger, aliases and tags agree, and nothing is there twice."""
    pointer = assert_whole(folder)
    assert pointer is not None
    assert (pointer.serving, pointer.epoch) == (version, epoch)
    with open_workspace(settings_of(folder)) as workspace:
        moves = newest_moves(workspace.store, MODEL)
        assert [each.epoch for each in moves] == list(range(epoch, 0, -1))
        assert moves[0].move == pointer.move
        versions = workspace.registry.versions(MODEL)
        assert len({each.digest for each in versions}) == len(versions)
        assert {each.version: each.status for each in versions} == {
            each.version: pointer.status(each.version) for each in versions
        }
        aliases = workspace.registry.aliases(MODEL)
        assert aliases["production"] == version
        assert aliases.get("previous") == (pointer.previous.version if pointer.previous else None)


@pytest.mark.parametrize("journey", NUMBERS)
def test_a_process_killed_before_any_of_its_side_effects_is_ended_by_the_next(
    travels: Travels, journey: str
) -> None:
    version, epoch = NUMBERS[journey]
    travels.restore(journey)
    lived = travels.go(journey)
    assert lived.status == 0
    assert_finished(travels.installation, version, epoch)
    assert len(lived.names) >= 10
    # The first version is registered as the second is: of its way only what follows is another.
    begin = len(lived.names) // 2 if journey == "first" else 0
    for deadly in range(begin + 1, len(lived.names) + 1):
        travels.restore(journey)
        assert travels.go(journey, deadly).killed, f"{deadly} of {lived.names}"
        assert_whole(travels.installation)
        assert travels.go(journey).status == 0, lived.names[deadly - 1]
        assert_finished(travels.installation, version, epoch)
