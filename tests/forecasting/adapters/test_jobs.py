"""Jobs are written down once under their id, and what is learned of their runs is never taken back."""

from dataclasses import replace

import pytest

from forecasting.adapters.jobs import Job, JobBook, RunState
from forecasting.adapters.store import open_store
from forecasting.errors import KeyReused, UnknownJob

JOB = Job(
    "a1", "k1", "retrain", "train-horizon/train-1h", {"horizon": "1h"}, "jan", 5, RunState("requested", 5)
)
RUNNING = RunState("running", 9, "r1", None, 8)


@pytest.fixture
def book(tmp_path):
    store = open_store(None, tmp_path / "store.db", "unused")
    yield JobBook(store)
    store.close()


def test_a_job_is_kept_as_it_was_asked_for(book):
    assert book.open(JOB) == JOB
    assert book.get("a1") == JOB


def test_the_same_request_again_finds_the_job_of_then(book):
    known = book.learn(book.open(JOB), RUNNING)
    assert book.open(replace(JOB, run_key="k2", requested_ms=7, who="eva")) == known


@pytest.mark.parametrize(
    "change", [{"deployment": "train-horizon/train-1d"}, {"parameters": {"horizon": "1d"}}]
)
def test_an_id_of_another_request_is_refused(book, change):
    book.open(JOB)
    with pytest.raises(KeyReused, match="send a new key"):
        book.open(replace(JOB, **change))


def test_an_unknown_id_is_told(book):
    with pytest.raises(UnknownJob):
        book.get("none")


def test_what_is_learned_is_kept(book):
    learned = book.learn(book.open(JOB), RUNNING)
    assert (learned.run, learned.version) == (RUNNING, 2)
    assert book.get("a1") == learned


def test_of_two_who_learn_at_once_the_second_gets_what_the_first_wrote(book):
    job = book.open(JOB)
    done = book.learn(job, RunState("completed", 12, "r1", None, 8, 11))
    assert book.learn(job, RUNNING) == done
    assert book.get("a1") == done


def test_the_newest_come_first_and_others_are_before_a_moment(book):
    for number in range(4):
        book.open(replace(JOB, id=f"a{number}", requested_ms=number))
    (first, next_ms), (rest, end) = book.page(None, 2), book.page(2, 2)
    assert [job.requested_ms for job in (*first, *rest)] == [3, 2, 1, 0]
    assert (next_ms, end) == (2, None)


def test_the_last_job_of_a_kind_is_found(book):
    for number, kind in enumerate(("bootstrap", "bootstrap", "retrain")):
        book.open(replace(JOB, id=f"a{number}", kind=kind, requested_ms=number))
    assert (book.latest("bootstrap").id, book.latest("promote")) == ("a1", None)
