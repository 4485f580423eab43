"""Of several who move a pointer at once one wins each round, no move is lost, and a mover stopped past its lease is fenced off."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from forecasting.adapters.promotion import installation, step
from forecasting.adapters.promotion.mirror import settle_aliases
from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import Mover, Pointer, read_pointer
from forecasting.adapters.store.port import DocumentStore
from tests.faults.races import movers
from tests.faults.races.movers import MODEL, Move, installed
from tests.forecasting.adapters.store.conftest import place, stand_in_uri
from tests.forecasting.adapters.store.places import Place

__all__ = ["place", "stand_in_uri"]

PERSON = Mover("a person", "command")


@pytest.fixture(autouse=True)
def prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("verify_version", "verify_again"):
        monkeypatch.setattr(step, name, getattr(step, name))
    monkeypatch.setattr("forecasting.adapters.store.lease.TRY_AGAIN_SECONDS", 0.001)
    movers.prepare()


def serve(store: DocumentStore, *versions: str) -> None:
    for version in versions:
        step.promote(installed(store), MODEL, version, PERSON, "to begin with")


def run_race(place: Place, moves: list[Move], rounds: int) -> list[list[bool]]:
    context = get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(len(moves), context) as pool:
        barrier: Any = manager.Barrier(len(moves))
        futures = [
            pool.submit(movers.race, place, number, move, rounds, barrier)
            for number, move in enumerate(moves)
        ]
        return [each.result(timeout=900) for each in futures]


def assert_none_lost(store: DocumentStore, epoch: int) -> Pointer:
    """Each epoch has its entry, each begins where the one before ended, and the marks agree with the last."""
    pointer = read_pointer(store, MODEL)
    assert pointer is not None
    assert pointer.epoch == epoch
    entries = newest_moves(store, MODEL, limit=2 * epoch)[::-1]
    assert [each.epoch for each in entries] == list(range(1, epoch + 1))
    assert [each.move.origin for each in entries[1:]] == [each.move.target for each in entries[:-1]]
    assert entries[-1].move == pointer.move
    registry = installed(store).registry
    assert registry.aliases(MODEL).get("production") == pointer.serving
    assert {each.version: each.status for each in registry.versions(MODEL)} == {
        each.version: pointer.status(each.version) for each in registry.versions(MODEL)
    }
    return pointer


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_of_two_promoters_one_wins_each_of_a_thousand_rounds(place: Place) -> None:
    with closing(place.open()) as store:
        serve(store, "9")
        wins = run_race(place, [movers.promote, movers.promote], 1_000)
        assert [sum(each) for each in zip(*wins, strict=True)] == [1] * 1_000
        assert_none_lost(store, 1_001)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_of_a_promoter_and_who_rolls_back_one_wins_each_of_five_hundred_rounds(place: Place) -> None:
    with closing(place.open()) as store:
        serve(store, "8", "9")
        wins = run_race(place, [movers.promote, movers.roll_back], 500)
        assert [sum(each) for each in zip(*wins, strict=True)] == [1] * 500
        assert all(any(each) for each in wins)
        assert_none_lost(store, 502)


@pytest.mark.parametrize("move", [movers.promote, movers.roll_back])
def test_a_server_holds_the_same_for_fifty_rounds(mongo_place: Place, move: Move) -> None:
    with closing(mongo_place.open()) as store:
        serve(store, "8", "9")
        wins = run_race(mongo_place, [movers.promote, move], 50)
        assert [sum(each) for each in zip(*wins, strict=True)] == [1] * 50
        assert_none_lost(store, 52)


@pytest.fixture
def mongo_place(stand_in_uri: str, tmp_path: Path) -> Place:
    return Place(stand_in_uri, tmp_path / "unused.db", f"races-{tmp_path.name}"[:38])


@pytest.mark.parametrize("where", ["pointer", "marks"])
def test_a_mover_stopped_past_its_lease_is_fenced_off(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(None, tmp_path / "store.db", "unused")
    with closing(place.open()) as store:
        serve(store, "1")
        told = stopped_while(place, where, lambda: _take_over(store, monkeypatch))
        settle_aliases(installed(store), MODEL)
        pointer = assert_none_lost(store, 2 if where == "pointer" else 3)
    assert pointer.serving == "2"
    assert told != "promoted"
    assert "lease" in told or "first" in told


def _take_over(store: DocumentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promote another version; the stopped one's lease has run out, or is waited out."""
    monkeypatch.setattr(installation, "WAIT_SECONDS", 30.0)
    step.promote(installed(store), MODEL, "2", PERSON, "nobody answers")


def stopped_while(place: Place, where: str, happens: Any) -> str:
    """Let something happen while a mover stands still, then let it go on; what it says at its end."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, movers.stop_at(place, where).encode())
        finally:
            os._exit(0)  # never into the tests that this process was forked from
    os.close(writing)
    _, status = os.waitpid(child, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    happens()
    os.kill(child, signal.SIGCONT)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as told:
        return told.read().decode()
