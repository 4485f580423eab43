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
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.store import open_store
from forecasting.forecaster.bundle import read_bundle
from tests.faults.crashes.journey import MODEL, settings_of
from tests.faults.crashes.zygote import INSTALLATION

NUMBERS = {"first": ("1", 1), "second": ("2", 2), "back": ("1", 3)}
"""By journey: the version that serves at its end, and the pointer's epoch."""


@dataclass(frozen=True, slots=True)
class Told:
    """How a journey ended: the signal that killed it, its exit code, and when it lived its side effects and what it saw at its end."""

    status: int
    names: list[str]
    seen: dict[str, Any]

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


def assert_whole(folder: Path) -> None:
    """What the pointer names is there and loads."""
    settings = settings_of(folder)
    with closing(open_store(None, settings.store_path, "unused")) as store:
        pointer = read_pointer(store, MODEL)
    for placed in (pointer.production, pointer.previous) if pointer else ():
        if placed is not None:
            bundle = read_bundle(settings.bundle_folder / placed.digest, placed.digest)
            assert bundle.model_id == placed.model_id


def assert_finished(told: Told, version: str, epoch: int) -> None:
    """Pointer, ledger, aliases and tags agree, and nothing is there twice."""
    assert told.status == 0
    seen = told.seen
    assert (seen["serving"], seen["epoch"]) == (version, epoch)
    assert seen["moves"] == list(range(epoch, 0, -1))
    assert seen["last_is_told"]
    assert len(set(seen["digests"])) == len(seen["digests"]) == min(epoch, 2)
    assert seen["statuses"] == seen["statuses_by_pointer"]
    assert seen["aliases"]["production"] == version
    assert seen["aliases"].get("previous") == seen["previous"]


@pytest.mark.parametrize("journey", NUMBERS)
def test_a_process_killed_before_any_of_its_side_effects_is_ended_by_the_next(
    travels: Travels, journey: str
) -> None:
    version, epoch = NUMBERS[journey]
    travels.restore(journey)
    lived = travels.go(journey)
    assert_finished(lived, version, epoch)
    assert len(lived.names) >= 10
    # The first version is registered as the second is: of its way only what follows is another.
    begin = len(lived.names) // 2 if journey == "first" else 0
    for deadly in range(begin + 1, len(lived.names) + 1):
        travels.restore(journey)
        assert travels.go(journey, deadly).killed, f"{deadly} of {lived.names}"
        assert_whole(travels.installation)
        assert_finished(travels.go(journey), version, epoch)
