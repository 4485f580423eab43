import logging
from dataclasses import replace

from tests.serving.in_use.watched import (
    ONE,
    SECONDS,
    TWO,
    Source,
    numbers,
    watcher_of,
)


def test_before_the_first_look_nothing_is_in_use_and_the_reason_says_so():
    snapshot = watcher_of(Source(h=ONE)).snapshot
    assert numbers(snapshot) == {}
    assert "has not been read yet" in snapshot.why_none("1h")


def test_a_look_takes_the_production_version_of_each_horizon():
    assert numbers(watcher_of(Source(h=ONE, d=TWO)).look()) == {"1h": "1", "1d": "2"}


def test_a_horizon_without_a_pointer_has_no_model():
    assert watcher_of(Source(d=TWO)).look().why_none("1h") == "no production model for 1h"


def test_a_pointer_that_stays_loads_nothing_twice():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    assert watcher.look().models["1h"] is watcher.look().models["1h"]
    assert source.loaded == [("1h", "1")]


def test_a_moved_pointer_replaces_that_model_and_no_other():
    source = Source(h=ONE, d=ONE)
    watcher = watcher_of(source)
    before = watcher.look()
    source.named["1h"] = TWO
    after = watcher.look()
    assert numbers(after) == {"1h": "2", "1d": "1"}
    assert after.models["1d"] is before.models["1d"]


def test_a_snapshot_that_a_request_holds_is_not_changed_by_a_swap():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    held = watcher.look()
    source.named["1h"] = TWO
    watcher.look()
    assert numbers(held) == {"1h": "1"}


def test_a_pointer_to_naive_ends_the_use_of_its_model():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"] = None
    assert numbers(watcher.look()) == {}


def test_while_the_store_is_down_the_models_serve_on_and_the_snapshot_says_so():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.down = True
    snapshot = watcher.look()
    assert numbers(snapshot) == {"1h": "1"}
    assert snapshot.pointer_problem == "the store at home does not answer"


def test_a_store_that_answers_again_clears_the_problem(clock):
    source = Source(h=ONE)
    source.down = True
    watcher = watcher_of(source, clock)
    assert watcher.look().checked_ms is None
    source.down = False
    snapshot = watcher.look()
    assert (snapshot.pointer_problem, snapshot.checked_ms) == (None, clock.now_ms)


def test_the_thread_follows_the_pointer_by_itself():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.start()
    try:
        assert watcher.wait_until(lambda snapshot: numbers(snapshot) == {"1h": "1"}, SECONDS)
        source.named["1h"] = TWO
        assert watcher.wait_until(lambda snapshot: numbers(snapshot) == {"1h": "2"}, SECONDS)
    finally:
        watcher.stop()


def test_what_this_machine_served_last_comes_before_the_first_look(monkeypatch):
    watcher, done = watcher_of(Source()), []
    for name in ("restore", "look"):
        monkeypatch.setattr(watcher, name, lambda name=name: done.append(name))
    watcher.start()
    try:
        assert watcher.wait_until_restored(SECONDS)
        assert watcher.wait_until_stepped(SECONDS)
        assert done[:2] == ["restore", "look"]
    finally:
        watcher.stop()


def test_while_a_new_version_is_being_loaded_the_old_one_answers():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.may_load.clear()
    source.named["1h"] = TWO
    watcher.start()
    try:
        assert numbers(watcher.snapshot) == {"1h": "1"}
        source.may_load.set()
        assert watcher.wait_until(lambda snapshot: numbers(snapshot) == {"1h": "2"}, SECONDS)
    finally:
        watcher.stop()


def test_the_thread_survives_a_look_that_fails_in_a_way_nobody_foresaw(monkeypatch):
    source = Source(h=ONE)
    watcher = watcher_of(source)
    monkeypatch.setattr(source, "production", lambda _: 1 / 0)
    watcher.start()
    try:
        assert watcher.wait_until(lambda snapshot: snapshot.pointer_problem is not None, SECONDS)
        monkeypatch.undo()
        assert watcher.wait_until(lambda snapshot: numbers(snapshot) == {"1h": "1"}, SECONDS)
    finally:
        watcher.stop()


def test_waiting_for_what_does_not_come_ends():
    assert not watcher_of(Source()).wait_until(lambda snapshot: snapshot.looks > 0, 0.01)


def test_a_watcher_that_never_started_can_be_stopped():
    watcher_of(Source()).stop()


def test_the_log_names_each_swap_once(caplog):
    source = Source(h=ONE)
    watcher = watcher_of(source)
    with caplog.at_level(logging.INFO):
        watcher.look()
        watcher.look()
    assert [record.message for record in caplog.records] == [f"1h: 1h-{'a' * 12} replaces naive"]


def test_a_version_that_becomes_proven_is_not_loaded_again():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"] = replace(ONE, evidence="proven")
    assert watcher.look().models["1h"].evidence == "proven"
    assert source.loaded == [("1h", "1")]


def test_going_back_loads_nothing_for_the_model_before_is_still_in_memory():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"] = TWO
    watcher.look()
    source.named["1h"] = ONE
    assert numbers(watcher.look()) == {"1h": "1"}
    assert source.loaded == [("1h", "1"), ("1h", "2")]


def test_coming_back_from_naive_loads_nothing_either():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    for version in (ONE, None, ONE):
        source.named["1h"] = version
        watcher.look()
    assert source.loaded == [("1h", "1")]


def test_swaps_are_counted():
    source = Source(h=ONE, d=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"] = None
    watcher.look()
    watcher.look()
    assert watcher.swaps == 3
