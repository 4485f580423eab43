"""A call that takes too long costs its caller the deadline and nothing more."""

import contextlib
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.breaker_book import BreakerBook
from serving.answers.breakers import LATE
from serving.answers.deadline import AT_ONCE, HUNG_SECONDS, Deadline, DiedError, OverdueError

SECONDS = 60.0


@pytest.fixture
def hang():
    """A call that takes until the test is over; how often it was begun."""
    over, begun = threading.Event(), []

    def call(*_):
        begun.append(1)
        over.wait(SECONDS)
        return "late"

    call.begun, call.end = begun, over.set
    yield call
    over.set()


def test_what_is_in_time_is_given_back():
    assert list(map(Deadline(SECONDS).call, "abc", (lambda: 0, lambda: 2, lambda: 4))) == [0, 2, 4]


def test_what_a_call_raises_is_raised():
    with pytest.raises(TimeoutError, match="its own"):
        Deadline(SECONDS).call("a", lambda: (_ for _ in ()).throw(TimeoutError("its own")))


def test_calls_in_time_share_a_thread():
    deadline, threads = Deadline(SECONDS), set()
    for _ in range(20):
        deadline.call("a", lambda: threads.add(threading.get_ident()))
    assert len(threads) == 1


def test_what_takes_too_long_is_left_behind_and_not_begun_again(hang):
    deadline = Deadline(0.01)
    for _ in range(3):
        with pytest.raises(OverdueError):
            deadline.call("a", hang)
    assert len(hang.begun) == 1


def test_another_name_is_asked_meanwhile(hang):
    deadline = Deadline(0.01)
    with pytest.raises(OverdueError):
        deadline.call("a", hang)
    deadline._seconds = SECONDS
    assert deadline.call("b", lambda: "in time") == "in time"


def test_once_it_ended_it_is_asked_again(hang):
    deadline = Deadline(0.01)
    with pytest.raises(OverdueError):
        deadline.call("a", hang)
    hang.end()
    deadline._seconds = SECONDS
    assert eventually(lambda: deadline.call("a", lambda: "in time")) == "in time"


def eventually(call):
    """What a call gives once nothing is overdue any more."""
    while True:
        with contextlib.suppress(OverdueError):
            return call()


def test_what_hangs_holds_few_threads_however_many_ask_at_once(hang):
    deadline, before = Deadline(0.05), threading.active_count()

    def ask(_):
        with pytest.raises(OverdueError):
            deadline.call("a", hang)

    with ThreadPoolExecutor(32) as callers:
        list(callers.map(ask, range(200)))
    assert len(hang.begun) <= AT_ONCE
    assert threading.active_count() - before <= AT_ONCE


@pytest.mark.parametrize("first", ["hangs", "ends"])
def test_while_one_of_several_hangs_none_is_begun_whatever_else_ended(hang, first):
    deadline, ended = Deadline(0.2), threading.Event()
    begun, ends = queue.SimpleQueue(), lambda: ended.wait(SECONDS)

    def ask(work):
        with pytest.raises(OverdueError):
            deadline.call("a", lambda: (begun.put(threading.current_thread()), work()))

    order, threads = [hang, ends] if first == "hangs" else [ends, hang], {}
    with ThreadPoolExecutor(2) as callers:
        for work in order:
            callers.submit(ask, work)
            threads[work] = begun.get(timeout=SECONDS)
    ended.set()
    threads[ends].join(SECONDS)
    with pytest.raises(OverdueError):
        deadline.call("a", lambda: "in time")


@pytest.mark.parametrize("word", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_what_would_end_the_process_is_an_error_of_the_call(word):
    def call():
        raise word

    with pytest.raises(DiedError, match=type(word).__name__):
        Deadline(SECONDS).call("a", call)


def test_what_still_runs_after_two_seconds_hangs(hang):
    now = [0.0]
    deadline = Deadline(0.01, lambda: now[0])
    with pytest.raises(OverdueError) as first:
        deadline.call("a", hang)
    now[0] = HUNG_SECONDS
    with pytest.raises(OverdueError) as second:
        deadline.call("a", hang)
    assert (first.value.hung, second.value.hung) == (False, True)


@pytest.fixture
def planted(serve, promote, hang, monkeypatch):
    """A server whose production model hangs, and the clock of its deadline."""
    promote(1)
    client = serve()
    service = client.app.state.service
    assert service.watcher.wait_until(lambda now: "1h" in now.models, SECONDS)
    now = [0.0]
    service.breakers._deadline = Deadline(0.05, lambda: now[0])
    monkeypatch.setattr(service.watcher.snapshot.models["1h"].forecaster, "predict", hang)

    def ask():
        answer = client.post("/api/forecast", json={"symbol": "AAA/SIM", "horizon": "1h"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask, now, service


def test_a_model_that_hangs_is_replaced_by_naive_in_the_same_request(planted, hang):
    ask, _, service = planted
    answers = [ask() for _ in range(5)]
    # The model was begun once and still runs: nobody waited for it.
    assert len(hang.begun) == 1
    assert {each["model_type"] for each in answers} == {"naive"}
    assert all(each["fallback_reason"].startswith(LATE) for each in answers)
    assert service.breakers.trips(service.watcher.snapshot.models["1h"]) == ()


def test_a_model_that_hangs_on_is_barred_by_its_breaker(planted, hang, installation):
    ask, now, service = planted
    ask()
    now[0] = HUNG_SECONDS + 1
    assert "was still not there after 3.0 s" in ask()["fallback_reason"]
    hang.end()
    assert ask()["fallback_reason"].startswith("breaker failing")
    service.breakers.look()
    store = open_store(None, installation.settings.store_path, "unused")
    (kept,) = BreakerBook(store, lambda: 0).open_ones()
    assert kept.trip.breaker == "failing"
    store.close()
