"""An answer in a thread of its own is begun again without the model where the model is overdue in it."""

import asyncio
import threading

import pytest

from forecasting.adapters.store.collections import SERVED_FORECASTS
from serving.answers.breakers import LATE
from serving.answers.deadline import Deadline, DiedError, OverdueError
from tests.serving.asking import ASKED, SECONDS


def run(deadline, ask):
    return asyncio.run(deadline.answer(ask))


@pytest.fixture
def hang():
    """A call that takes until the test is over, and the threads that it holds."""
    over, threads = threading.Event(), []

    def call(*_):
        threads.append(threading.current_thread())
        over.wait(SECONDS)
        return "late"

    def end():
        over.set()
        for each in threads:
            each.join(SECONDS)

    call.threads, call.end = threads, end
    yield call
    over.set()


def test_a_call_in_an_answer_runs_in_the_answers_own_thread():
    deadline = Deadline(SECONDS)

    def ask():
        return threading.get_ident(), deadline.call("a", threading.get_ident)

    of_answer, of_call = run(deadline, ask)
    assert of_answer == of_call != threading.get_ident()


def test_answers_in_time_share_a_thread():
    deadline = Deadline(SECONDS)
    assert len({run(deadline, threading.get_ident) for _ in range(20)}) == 1


@pytest.mark.parametrize(
    ("raised", "told"),
    [(KeyError("its own"), KeyError), (StopIteration(), RuntimeError), (SystemExit(3), DiedError)],
)
def test_what_an_answer_raises_is_raised(raised, told):
    def ask():
        raise raised

    with pytest.raises(told):
        run(Deadline(SECONDS), ask)


def test_what_would_end_the_process_in_a_call_is_an_error_of_the_call():
    deadline = Deadline(SECONDS)

    def call():
        raise SystemExit

    with pytest.raises(DiedError, match="SystemExit"):
        run(deadline, lambda: deadline.call("a", call))


def test_an_answer_whose_call_is_overdue_is_begun_again_and_told_so(hang):
    deadline, begun, told = Deadline(0.01), [], []

    def ask():
        begun.append(1)
        try:
            told.append(deadline.call("a", hang))
        except OverdueError as error:
            told.append(error)
            return "without it"
        return "with it"

    assert run(deadline, ask) == "without it"
    hang.end()
    # The first is over, and came no further than its call.
    assert (len(begun), len(hang.threads), [type(each) for each in told]) == (2, 1, [OverdueError])


def test_once_what_hung_has_ended_it_is_asked_again(hang):
    deadline = Deadline(0.01)

    def ask():
        try:
            return deadline.call("a", hang)
        except OverdueError:
            return "without it"

    run(deadline, ask)
    hang.end()
    deadline._seconds = SECONDS
    assert run(deadline, lambda: deadline.call("a", lambda: "in time")) == "in time"


def test_what_takes_long_outside_a_call_is_waited_for():
    deadline, slow = Deadline(0.01), threading.Event()
    threading.Timer(0.1, slow.set).start()
    assert run(deadline, lambda: slow.wait(SECONDS))


def test_an_answer_that_was_given_up_is_logged_by_nobody(in_production, hang, monkeypatch):
    service = in_production.app.state.service
    assert service.watcher.wait_until(lambda now: "1h" in now.models, SECONDS)
    service.breakers._deadline = Deadline(0.05)
    monkeypatch.setattr(service.watcher.snapshot.models["1h"].forecaster, "predict", hang)
    answer = in_production.post("/api/forecast", json=ASKED).json()
    hang.end()
    assert service.writer.flush(SECONDS)
    (logged,) = service.door.store().find(SERVED_FORECASTS, {})
    assert logged["_id"] == answer["forecast_id"]
    assert logged["answer"]["fallback_reason"].startswith(LATE)
