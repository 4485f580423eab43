"""One holder at a time, until it lets go, is killed and its time is over, or is too slow."""

import os
import signal

import pytest

from forecasting.adapters.store.lease import lease
from forecasting.errors import StoreUnavailable
from tests.forecasting.adapters.store import workers

NAME = "promote forecast-1h"


class Clock:
    now_ms = 1_000

    def __call__(self):
        return self.now_ms

    def pause(self, seconds):
        self.now_ms += round(seconds * 1000)


@pytest.fixture
def clock():
    return Clock()


def test_a_second_holder_is_told_who_holds_it_and_how_long(store, clock):
    held = (
        r"^the lease 'promote forecast-1h' is held by first until 1970-01-01T00:00:31\S* at the latest: .*$"
    )
    with (
        lease(store, NAME, "first", 30, clock),
        pytest.raises(StoreUnavailable, match=held),
        lease(store, NAME, "second", 30, clock),
    ):
        pytest.fail("two hold it")


def test_other_names_are_other_leases(store, clock):
    with lease(store, NAME, "first", 30, clock), lease(store, "promote forecast-1d", "second", 30, clock):
        pass


def test_the_next_may_have_it_at_once_when_the_block_ends(store, clock):
    versions = []
    for holder in ("first", "second"):
        with lease(store, NAME, holder, 30, clock) as held:
            versions.append(held.version)
    assert versions[0] < versions[1]


def test_the_next_may_have_it_at_once_when_the_block_fails(store, clock):
    with pytest.raises(KeyError), lease(store, NAME, "first", 30, clock):
        raise KeyError
    with lease(store, NAME, "second", 30, clock):
        pass


def test_a_holder_that_was_killed_blocks_until_its_time_is_over(place, store, processes, clock):
    here, there = processes.Pipe()
    process = processes.Process(target=workers.hold_lease, args=(place, NAME, there))
    process.start()
    assert here.recv() == "held"
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    clock.now_ms = 60_999
    with (
        pytest.raises(StoreUnavailable, match="held by the killed one"),
        lease(store, NAME, "second", 9, clock),
    ):
        pytest.fail("two hold it")
    clock.now_ms = 61_000
    with lease(store, NAME, "second", 9, clock) as held:
        assert held.version == 2


def overtaken(store, clock, then=lambda *_: None):
    """Hold a lease for too long, so that another takes it meanwhile."""
    with lease(store, NAME, "first", 30, clock) as old:
        clock.now_ms += 30_000
        with lease(store, NAME, "second", 30, clock) as new:
            then(old, new)


def test_who_was_too_slow_learns_it_at_the_end(store, clock):
    with pytest.raises(StoreUnavailable, match=r"^first lost the lease .* took longer than 30 s"):
        overtaken(store, clock)


def test_who_was_too_slow_learns_it_before_the_step_that_only_a_holder_may_take(store, clock):
    def step(old, new):
        assert old.version < new.version
        new.renew()
        with pytest.raises(StoreUnavailable, match=r"^first lost the lease"):
            old.renew()

    with pytest.raises(StoreUnavailable, match=r"^first lost the lease"):
        overtaken(store, clock, step)


def test_a_failure_in_the_block_is_not_hidden_by_the_lost_lease(store, clock):
    def fail(*_):
        raise KeyError

    with pytest.raises(KeyError):
        overtaken(store, clock, fail)


def test_a_renewed_lease_lasts_its_full_time_again(store, clock):
    with lease(store, NAME, "first", 30, clock) as held:
        clock.now_ms += 29_000
        held.renew()
        clock.now_ms += 29_000
        with (
            pytest.raises(StoreUnavailable, match="is held by first"),
            lease(store, NAME, "second", 30, clock),
        ):
            pytest.fail("two hold it")


def test_a_holder_that_was_killed_is_waited_out(store, clock):
    killed = lease(store, NAME, "killed", 30, clock)
    killed.__enter__()
    with lease(store, NAME, "second", 30, clock, wait_seconds=45, pause=clock.pause):
        assert 31_000 <= clock.now_ms < 32_000


def test_a_holder_that_renews_is_not_waited_for_any_longer_than_asked(store, clock):
    with lease(store, NAME, "first", 30, clock) as held:

        def pause(seconds):
            clock.pause(seconds)
            held.renew()

        with (
            pytest.raises(StoreUnavailable, match="is held by first"),
            lease(store, NAME, "second", 30, clock, wait_seconds=45, pause=pause),
        ):
            pytest.fail("two hold it")
    assert 46_000 <= clock.now_ms < 47_000


def test_of_two_that_come_at_once_one_gets_it(store, clock, monkeypatch):
    monkeypatch.setattr(store, "compare_and_set", lambda *_: False)
    with (
        pytest.raises(StoreUnavailable, match="is held by another"),
        lease(store, NAME, "first", 30, clock),
    ):
        pytest.fail("it was not granted")


def test_a_lease_of_no_time_is_refused(store, clock):
    with pytest.raises(ValueError, match="more than 0 s"), lease(store, NAME, "first", 0, clock):
        pytest.fail("it was granted")


def test_who_waits_too_short_is_told_so(store, clock):
    with (
        lease(store, NAME, "first", 30, clock),
        pytest.raises(StoreUnavailable, match="is held by first"),
        lease(store, NAME, "hasty", 30, clock, wait_seconds=5, pause=clock.pause),
    ):
        pytest.fail("two hold it")
    assert 6_000 <= clock.now_ms < 7_000
