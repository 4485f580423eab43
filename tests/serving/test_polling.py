"""What is done beside the requests goes on whatever a step ends with, and ends when it is told to."""

import logging
import threading

import pytest

from forecasting.errors import StoreUnavailable
from serving.polling import Poller

SECONDS = 30.0
NEVER = 3600.0


class Steps(Poller):
    """Steps that end as they are told to; what happened is written down."""

    def __init__(self, *ends, poll_seconds=0.001):
        super().__init__("steps", poll_seconds, broken="it broke", away="it is away")
        self.ends, self.done, self.all_taken = list(ends), [], threading.Event()

    def step(self):
        self.done.append("step")
        end = self.ends.pop(0) if self.ends else None
        if not self.ends:
            self.all_taken.set()
        if end is not None:
            raise end

    def wake(self):
        self._wake.set()

    def _begin(self):
        self.done.append("begin")

    def _end(self):
        self.done.append("end")


@pytest.fixture
def run():
    """Take steps until all that were planned are taken, then stop."""

    def act(*ends):
        steps = Steps(*ends)
        steps.start()
        assert steps.all_taken.wait(SECONDS)
        assert steps.stop(SECONDS)
        return steps

    return act


def test_it_begins_takes_steps_and_ends(run):
    done = run(None, None, None).done
    assert (done[0], set(done[1:-1]), done[-1]) == ("begin", {"step"}, "end")
    assert len(done) >= 5


def test_an_error_that_nobody_foresaw_is_told_with_its_trace_and_the_next_step_is_taken(run, caplog):
    run(ZeroDivisionError("a bug"), None)
    (told,) = caplog.records
    assert (told.message, told.levelno, told.exc_info[0]) == ("it broke", logging.ERROR, ZeroDivisionError)


def test_a_store_that_is_away_is_told_once_until_it_is_back(run, caplog):
    gone = StoreUnavailable("gone")
    run(gone, gone, None, gone, gone, None)
    assert caplog.messages == ["it is away: gone"] * 2


def test_a_pause_ends_when_it_is_woken():
    steps = Steps(None, None, poll_seconds=NEVER)
    steps.start()
    assert steps.wait_until_stepped(SECONDS)
    assert not steps.all_taken.is_set()
    steps.wake()
    assert steps.all_taken.wait(SECONDS)
    assert steps.stop(SECONDS)


def test_it_pauses_between_two_steps():
    steps = Steps(None, None, poll_seconds=NEVER)
    steps.start()
    assert steps.wait_until_stepped(SECONDS)
    assert steps.stop(SECONDS)
    assert steps.done == ["begin", "step", "end"]


@pytest.mark.parametrize("end", [None, StoreUnavailable("gone"), ZeroDivisionError("a bug")])
def test_the_first_step_is_over_whatever_came_of_it(run, end):
    assert run(end).wait_until_stepped(0)


def test_one_that_never_began_took_no_step_and_can_be_stopped():
    steps = Steps(None)
    assert not steps.wait_until_stepped(0)
    assert steps.stop()


def test_one_that_hangs_is_left_behind(monkeypatch):
    hangs, go_on = threading.Event(), threading.Event()
    steps = Steps()
    monkeypatch.setattr(steps, "step", lambda: hangs.set() or go_on.wait(SECONDS))
    steps.start()
    assert hangs.wait(SECONDS)
    assert not steps.stop(0.01)
    assert next(each for each in threading.enumerate() if each.name == "steps").daemon
    go_on.set()
    assert steps.stop(SECONDS)
