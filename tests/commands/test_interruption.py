import contextlib
import logging
import signal
import threading

import pytest

from commands.console import progress, say
from commands.interruption import raise_if_interrupted, remember_interrupts


@pytest.fixture(autouse=True)
def _own_handler():
    before = signal.getsignal(signal.SIGINT)
    remember_interrupts()
    yield
    signal.signal(signal.SIGINT, before)


def swallow_an_interrupt():
    with contextlib.suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_that_a_library_swallowed_is_raised_again_once():
    swallow_an_interrupt()
    with pytest.raises(KeyboardInterrupt):
        raise_if_interrupted()
    raise_if_interrupted()


def test_the_next_reported_step_ends_the_command():
    swallow_an_interrupt()
    with progress(), pytest.raises(KeyboardInterrupt):
        say("the next step")


def test_other_threads_are_left_alone():
    swallow_an_interrupt()
    raised = []

    def step():
        try:
            raise_if_interrupted()
        except KeyboardInterrupt:
            raised.append(True)

    thread = threading.Thread(target=step)
    thread.start()
    thread.join()
    assert not raised


def test_without_an_interrupt_steps_are_shown(capsys):
    with progress():
        logging.getLogger("forecasting").info("a step")
    assert "a step" in capsys.readouterr().err
