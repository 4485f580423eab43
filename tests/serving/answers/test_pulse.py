"""A store that keeps whoever asks it waiting is known to be silent; one that refuses at once is asked by everybody."""

import threading

import pytest

from forecasting.errors import StoreUnavailable
from serving.answers.market import StoreDoor
from serving.answers.pulse import PATIENCE_SECONDS, Pulse

SECONDS = 30.0


class Patient:
    """A store that takes as long as it is told, on a clock of its own, and then refuses or answers."""

    def __init__(self):
        self.now, self.takes, self.refuses = 0.0, 0.0, False
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def get(self, *_):
        self.asked.set()
        assert self.go_on.wait(SECONDS)
        self.now += self.takes
        if self.refuses:
            raise StoreUnavailable("gone")


@pytest.fixture
def store():
    found = Patient()
    yield found
    found.go_on.set()


@pytest.fixture
def pulse(store):
    return Pulse(lambda: store, poll_seconds=0.001, clock=lambda: store.now)


def test_a_store_that_answers_is_not_silent(pulse):
    pulse.step()
    assert pulse.silence() is None


def test_a_store_that_refuses_at_once_is_not_silent(store, pulse):
    store.refuses = True
    pulse.step()
    assert pulse.silence() is None


def test_a_store_that_keeps_one_waiting_and_refuses_is_silent_until_it_answers(store, pulse):
    store.refuses, store.takes = True, PATIENCE_SECONDS + 1
    pulse.step()
    assert pulse.silence() == "gone"
    store.refuses = False
    pulse.step()
    assert pulse.silence() is None


def test_a_store_is_silent_while_it_has_not_answered_yet(store, pulse):
    store.go_on.clear()
    pulse.start()
    assert store.asked.wait(SECONDS)
    assert pulse.silence() is None
    store.now += PATIENCE_SECONDS + 1
    assert pulse.silence() == "the store has not answered for 3 s"
    store.go_on.set()
    while pulse.silence() is not None:
        pass
    pulse.stop()


def test_a_door_opens_no_more_while_the_store_is_silent():
    door = StoreDoor(lambda: pytest.fail("it was opened"))
    door.heed(lambda: "not a word")
    for enter in (door.store, door.stored, door.market):
        with pytest.raises(StoreUnavailable, match="not a word"):
            enter()
