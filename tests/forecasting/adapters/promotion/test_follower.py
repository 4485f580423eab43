"""The follower applies what people ask for in MLflow, says each thing once, and outlives what it depends on."""

import contextlib

import pytest

from forecasting.adapters.promotion import follower as follower_module
from forecasting.adapters.promotion.follower import THOROUGH_ROUNDS, AliasFollower
from forecasting.adapters.promotion.pointer import read_pointer
from forecasting.errors import RegistryUnavailable, StoreUnavailable
from tests.forecasting.adapters.promotion.serving_version import put_in_production

MODEL = "forecast-1h"


class Rounds:
    """Stops a follower once it has rested so often; in between things happen."""

    def __init__(self, *happenings):
        self.happenings = list(happenings)

    def is_set(self):
        return self.happenings is None

    def wait(self, _seconds):
        happening = self.happenings.pop(0) if self.happenings else None
        if happening is None:
            self.happenings = None
        else:
            happening()


def nothing():
    """Let a round go by."""


@pytest.fixture
def lines(embedded):
    return []


def follower_of(embedded, lines, models=(MODEL,)):
    return AliasFollower(lambda: contextlib.nullcontext(embedded), models, lines.append)


def ask_for(embedded, version):
    return lambda: embedded.registry.point_alias(MODEL, "production", version)


def failing(monkeypatch, error):
    def fail(*_, **__):
        raise error

    return lambda: monkeypatch.setattr(follower_module, "settle_aliases", fail)


def test_a_moved_alias_is_applied_in_the_next_round_and_told_once(embedded, versions, lines):
    put_in_production(embedded, versions[0])
    follower_of(embedded, lines).follow(Rounds(ask_for(embedded, "2"), nothing, nothing))
    assert read_pointer(embedded.store, MODEL).serving == "2"
    assert lines == [
        f"{MODEL}: applied: version 2 serves (promote without the gate by a person in MLflow: "
        "the alias production was moved to version 2 in MLflow)"
    ]


def test_every_model_is_looked_at_and_quiet_rounds_say_nothing(embedded, versions, lines, monkeypatch):
    seen = []
    monkeypatch.setattr(
        follower_module, "settle_aliases", lambda _, name, **__: (seen.append(name), "nothing to do")[1]
    )
    follower_of(embedded, lines, ("forecast-1h", "forecast-1d")).follow(Rounds(nothing))
    assert (seen, lines) == (["forecast-1h", "forecast-1d"] * 2, [])


def test_tags_are_compared_at_first_and_then_once_in_many_rounds(embedded, lines, monkeypatch):
    asked = []
    monkeypatch.setattr(
        follower_module, "settle_aliases", lambda *_, thorough: (asked.append(thorough), "nothing to do")[1]
    )
    follower_of(embedded, lines).follow(Rounds(*[nothing] * (2 * THOROUGH_ROUNDS)))
    assert [number for number, thorough in enumerate(asked) if thorough] == [0, 60, 120]


def test_while_mlflow_is_down_it_waits_says_so_once_and_goes_on(embedded, versions, lines, monkeypatch):
    put_in_production(embedded, versions[0])
    down = failing(monkeypatch, RegistryUnavailable("MLflow does not answer"))

    def up_again():
        monkeypatch.undo()
        ask_for(embedded, "2")()

    with monkeypatch.context():
        follower_of(embedded, lines).follow(Rounds(down, nothing, nothing, up_again))
    assert lines[0] == "waiting: MLflow does not answer"
    assert [line.partition(": version")[0] for line in lines[1:]] == [
        f"{MODEL}: applied",
        "all is reached again",
    ]


def test_a_store_that_is_down_at_the_start_is_waited_for(embedded, versions, lines):
    put_in_production(embedded, versions[0])
    ask_for(embedded, "2")()
    tries = []

    def open_it():
        tries.append(1)
        if len(tries) < 3:
            raise StoreUnavailable("the store does not answer")
        return contextlib.nullcontext(embedded)

    AliasFollower(open_it, (MODEL,), lines.append).follow(Rounds(nothing, nothing))
    assert len(tries) == 3
    assert lines[0] == "waiting: the store does not answer"
    assert read_pointer(embedded.store, MODEL).serving == "2"


def test_a_round_that_fails_in_a_way_nobody_foresaw_does_not_end_it(embedded, lines, monkeypatch, caplog):
    follower_of(embedded, lines).follow(Rounds(failing(monkeypatch, ZeroDivisionError()), monkeypatch.undo))
    assert lines == ["waiting: a round failed with ZeroDivisionError: see the log", "all is reached again"]
    assert "a round over the aliases failed" in caplog.text
