"""A mover that is killed at any of its side effects: what serves stays loadable, and the next call finishes."""

from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from forecasting.adapters.promotion import installation as installation_module
from forecasting.adapters.promotion import sight
from forecasting.adapters.promotion.mirror import settle_aliases
from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.adapters.promotion.step import deprecate, roll_back
from forecasting.adapters.store import open_store
from forecasting.forecaster.bundle import read_bundle
from tests.forecasting.adapters.promotion.conftest import Installed
from tests.forecasting.adapters.promotion.serving_version import ANNA, put_in_production

MODEL = "forecast-1h"
LEAST_WRITES, MOST_WRITES = 8, 40
WRITES = ("put", "put_many", "put_new", "delete", "compare_and_set", "point_alias", "tag")


class KilledError(BaseException):
    """The process ends here; nothing of it runs any more."""


class Mortal:
    """Passes everything on until its life is over: right after its n-th write, which is right before the next."""

    def __init__(self, inner, life):
        self._inner, self._life = inner, life

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if name not in WRITES:
            return found

        def write(*arguments, **named):
            if self._life.left == 0:
                raise KilledError(name)
            self._life.left -= 1
            return found(*arguments, **named)

        return write


@dataclass
class Life:
    left: int


def mortal(embedded, life):
    return Installed(Mortal(embedded.store, life), Mortal(embedded.registry, life), embedded.bundle_folder)


@pytest.fixture
def after_the_lease(monkeypatch):
    """Whoever comes after a killed mover comes when its lease ran out."""
    clock = {"late": 0}
    wall = sight.wall_clock_ms

    def now():
        return wall() + clock["late"]

    for module in (installation_module, sight):
        monkeypatch.setattr(module, "wall_clock_ms", now)
    return lambda: clock.update(late=clock["late"] + 20_000)


def demand_all_agrees(embedded, epoch=None):
    """Pointer, ledger, aliases, tags and files agree, and no move was made that nobody asked for."""
    pointer = read_pointer(embedded.store, MODEL)
    assert epoch in {None, pointer.epoch}
    moves = newest_moves(embedded.store, MODEL)
    assert [each.epoch for each in moves] == list(range(pointer.epoch, 0, -1))
    assert moves[0].move == pointer.move
    shown = embedded.registry.aliases(MODEL)
    assert shown.get("production") == pointer.serving
    assert shown.get("previous") == (pointer.previous and pointer.previous.version)
    for version in embedded.registry.versions(MODEL):
        assert version.status == pointer.status(version.version)
    demand_loadable(embedded, pointer)


def demand_loadable(embedded, pointer):
    named = () if pointer is None else (pointer.production, pointer.previous)
    for placed in filter(None, named):
        assert read_bundle(embedded.bundle_folder / placed.digest, placed.digest)


def first_promotion(installed, versions):
    put_in_production(installed, versions[0])


def next_promotion(installed, versions):
    put_in_production(installed, versions[1])


def to_naive(installed, versions):
    roll_back(installed, MODEL, ANNA, "worse", to="naive")


def deprecation(installed, versions):
    deprecate(installed, MODEL, "3", ANNA, "trained on a wrong file")


def settling(installed, versions):
    settle_aliases(installed, MODEL)


def served_before(embedded, versions):
    put_in_production(embedded, versions[0])


def nothing_served(embedded, versions):
    for alias in embedded.registry.aliases(MODEL):
        embedded.registry.point_alias(MODEL, alias, None)


def alias_without_pointer(embedded, versions):
    embedded.registry.point_alias(MODEL, "production", "2")
    embedded.registry.point_alias(MODEL, "previous", "1")


def hand_on_the_alias(embedded, versions):
    served_before(embedded, versions)
    embedded.registry.point_alias(MODEL, "production", "2")


@pytest.mark.parametrize(
    ("start", "act", "epoch"),
    [
        (nothing_served, first_promotion, 1),
        (served_before, next_promotion, 2),
        (served_before, to_naive, 2),
        (served_before, deprecation, 2),
        (alias_without_pointer, settling, 1),
        (hand_on_the_alias, settling, 2),
    ],
)
def test_the_next_call_finishes_what_was_killed_after_any_write(
    embedded, versions, tmp_path, after_the_lease, start, act, epoch
):
    for writes in range(MOST_WRITES):
        nothing_served(embedded, versions)
        with closing(open_store(None, tmp_path / f"store-{writes}.db", "unused")) as store:
            living = replace(embedded, store=store)
            start(living, versions)
            try:
                act(mortal(living, Life(writes)), versions)
            except KilledError:
                demand_loadable(living, read_pointer(store, MODEL))
                after_the_lease()
                act(living, versions)
                demand_all_agrees(living, epoch)
            else:
                demand_all_agrees(living, epoch)
                assert writes >= LEAST_WRITES
                return
    pytest.fail(f"more than {MOST_WRITES} writes for one move")


def test_a_move_that_another_kind_of_mover_finds_unfinished_is_finished_by_it(
    embedded, versions, after_the_lease
):
    served_before(embedded, versions)
    for writes in (3, 5, 7):
        with pytest.raises(KilledError):
            next_promotion(mortal(embedded, Life(writes)), versions)
        after_the_lease()
        to_naive(embedded, versions)
        demand_all_agrees(embedded)
        served_before(embedded, versions)
