"""What a person asks over the API: the steps of the command line, once, and a rollback that needs no MLflow."""

import sys

import pytest

from forecasting.adapters.place import WorkspacePlace
from forecasting.adapters.promotion import governing, step
from forecasting.adapters.promotion.governing import (
    Governed,
    GoverningRequest,
    Instruction,
    govern,
    govern_in_child,
    roll_back_version,
)
from forecasting.adapters.promotion.governing_process import govern_here
from forecasting.adapters.promotion.moves import newest_moves
from forecasting.adapters.promotion.pointer import Mover, read_pointer
from forecasting.adapters.store.card_book import CardBook
from forecasting.errors import InputError, PointerMoved, UnknownVersion

MODEL = "forecast-1h"
JAN = Mover("jan", "command")


def instruction(action, version, **changes):
    return Instruction(action, version.model_id, "ops", "worse since Monday", **changes)


@pytest.fixture
def place(workspace_place):
    return workspace_place


@pytest.fixture
def second_serves(installation, versions):
    """Version 1, then version 2 was promoted."""
    for version in versions[:2]:
        step.promote(installation, MODEL, version.version, JAN, "a test wants it")
    return versions[1]


@pytest.fixture
def without_mlflow(monkeypatch):
    """Importing MLflow fails from here on."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "mlflow"]:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def without_process(monkeypatch):
    """Starting a process fails from here on."""

    def fails(request):
        raise AssertionError("a process was asked")

    monkeypatch.setattr(governing, "govern_in_child", fails)


def serving(installation):
    return read_pointer(installation.store, MODEL).serving


def test_the_id_of_every_registered_version_names_a_bundle(versions):
    assert all(instruction("promote", each).names_bundle for each in versions)


def test_a_rollback_needs_no_mlflow_and_says_who_asked(installation, place, second_serves, without_mlflow):
    done = govern(installation.store, GoverningRequest(place, instruction("rollback", second_serves)))
    assert (done.moved, done.pointer.serving) == (True, "1")
    move = newest_moves(installation.store, MODEL)[0].move
    assert (move.kind, move.who, move.via, move.reason) == ("rollback", "ops", "api", "worse since Monday")


def test_a_rollback_that_is_repeated_does_not_lead_back(installation, place, second_serves):
    request = GoverningRequest(place, instruction("rollback", second_serves))
    first, again = govern(installation.store, request), govern(installation.store, request)
    assert again == Governed(first.pointer, moved=False)
    assert serving(installation) == "1"


def test_a_rollback_may_lead_to_naive(installation, place, second_serves):
    govern(installation.store, GoverningRequest(place, instruction("rollback", second_serves, to="naive")))
    assert serving(installation) is None


def test_a_rollback_asks_a_process_where_no_copy_is_here(installation, place, second_serves, monkeypatch):
    request = GoverningRequest(
        WorkspacePlace(
            **{name: getattr(place, name) for name in place.__slots__} | {"bundle_folder": "nowhere"}
        ),
        instruction("rollback", second_serves),
    )
    asked = []
    monkeypatch.setattr(governing, "govern_in_child", asked.append)
    govern(installation.store, request)
    assert asked == [request]
    assert serving(installation) == "2"


def test_a_rollback_that_lost_a_race_changes_nothing(installation, second_serves, versions, monkeypatch):
    seen = read_pointer(installation.store, MODEL)
    step.promote(installation, MODEL, versions[2].version, JAN, "was first")
    monkeypatch.setattr(governing, "read_pointer", lambda *_: seen)
    with pytest.raises(PointerMoved, match="promote without the gate by jan"):
        roll_back_version(installation, instruction("rollback", second_serves))
    assert serving(installation) == "3"


def test_what_was_never_registered_cannot_be_rolled_back(installation, second_serves):
    with pytest.raises(UnknownVersion):
        roll_back_version(installation, Instruction("rollback", "1h-nobody", "ops", "a reason"))


def test_where_nothing_ever_served_nothing_can_be_rolled_back(installation, versions):
    facts = {"digest": versions[0].digest, "model_id": versions[0].model_id, "model_name": MODEL}
    CardBook(installation.store).keep({**facts, "registered_ms": 1})
    with pytest.raises(InputError, match="nothing to go back from"):
        roll_back_version(installation, instruction("rollback", versions[0]))


def test_an_override_is_verified_recorded_and_harmless_when_repeated(installation, versions):
    first = govern_here(installation, instruction("promote", versions[2]))
    again = govern_here(installation, instruction("promote", versions[2]))
    assert (first.moved, again.moved, serving(installation)) == (True, False, "3")
    assert (first.pointer.move.via, first.pointer.move.who, first.pointer.move.decision) == (
        "api",
        "ops",
        None,
    )
    assert len(newest_moves(installation.store, MODEL)) == 1


def test_a_withdrawn_version_is_withdrawn_once(installation, second_serves, versions):
    first, again = (govern_here(installation, instruction("deprecate", versions[0])) for _ in range(2))
    assert (first.moved, again.moved) == (True, False)
    assert again.pointer.status("1") == "deprecated"
    assert again.pointer.previous is None


def test_what_serves_cannot_be_withdrawn(installation, second_serves):
    with pytest.raises(InputError, match="roll back first"):
        govern_here(installation, instruction("deprecate", second_serves))


def test_that_what_serves_cannot_be_withdrawn_is_known_without_a_process(
    installation, place, second_serves, without_process
):
    with pytest.raises(InputError, match="roll back first"):
        govern(installation.store, GoverningRequest(place, instruction("deprecate", second_serves)))


def test_another_version_is_withdrawn_by_a_process(
    installation, place, versions, second_serves, without_process
):
    with pytest.raises(AssertionError, match="a process"):
        govern(installation.store, GoverningRequest(place, instruction("deprecate", versions[0])))


def test_a_version_that_is_not_registered_is_told(installation, versions):
    with pytest.raises(UnknownVersion):
        govern_here(installation, Instruction("promote", "1h-nobody", "ops", "a reason"))


def test_a_process_of_its_own_asks_mlflow(installation, place, second_serves, versions):
    request = GoverningRequest(place, instruction("deprecate", versions[2]))
    assert GoverningRequest.from_json(request.to_json()) == request
    done = govern_in_child(request)
    assert (done.moved, done.pointer) == (True, read_pointer(installation.store, MODEL))
    with pytest.raises(InputError, match="roll back first"):
        govern_in_child(GoverningRequest(place, instruction("deprecate", second_serves)))
