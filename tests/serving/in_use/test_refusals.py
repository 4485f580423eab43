import logging

from forecasting.errors import RegistryUnavailable, StoreUnavailable
from serving.in_use.bringing import RETRY_REFUSED_MS, RETRY_UNFETCHED_MS
from tests.serving.in_use.watched import (
    ONE,
    TWO,
    Source,
    numbers,
    watcher_of,
)


def test_a_version_that_cannot_be_loaded_is_refused_and_the_old_one_serves_on():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"], source.broken = TWO, {TWO}
    snapshot = watcher.look()
    assert numbers(snapshot) == {"1h": "1"}
    assert (snapshot.refused["1h"].version, snapshot.refused["1h"].reason) == (
        TWO,
        "model.txt does not match its digest",
    )


def test_a_refused_version_without_a_predecessor_is_named_in_the_reason():
    source = Source(h=ONE)
    source.broken = {ONE}
    assert (
        watcher_of(source).look().why_none("1h")
        == "production version 1 for 1h was refused: it cannot be used"
    )


def test_one_bad_bundle_does_not_keep_the_other_horizons_out():
    source = Source(h=ONE, d=TWO)
    source.broken = {ONE}
    assert numbers(watcher_of(source).look()) == {"1d": "2"}


def test_a_refusal_is_logged_once_and_not_at_each_look(caplog):
    source = Source(h=ONE)
    source.broken = {ONE}
    watcher = watcher_of(source)
    with caplog.at_level(logging.ERROR):
        watcher.look()
        watcher.look()
    assert [record.message for record in caplog.records] == [
        "1h: production version 1 is refused: model.txt does not match its digest"
    ]


def test_a_refused_version_is_tried_again_after_a_while(clock):
    source = Source(h=ONE)
    source.broken = {ONE}
    watcher = watcher_of(source, clock)
    watcher.look()
    source.broken = set()
    clock.now_ms += RETRY_REFUSED_MS - 1
    assert numbers(watcher.look()) == {}
    clock.now_ms += 1
    snapshot = watcher.look()
    assert (numbers(snapshot), snapshot.refused) == ({"1h": "1"}, {})


def test_a_version_that_could_not_be_fetched_is_tried_again_sooner(clock):
    source = Source(h=ONE, d=TWO)
    source.broken, source.failure = {ONE}, RegistryUnavailable("the files at home do not answer")
    watcher = watcher_of(source, clock)
    assert numbers(watcher.look()) == {"1d": "2"}
    source.broken = set()
    clock.now_ms += RETRY_UNFETCHED_MS - 1
    assert numbers(watcher.look()) == {"1d": "2"}
    clock.now_ms += 1
    assert numbers(watcher.look()) == {"1h": "1", "1d": "2"}


def test_a_bundle_that_fails_in_a_way_nobody_foresaw_is_refused_by_the_name_of_the_error():
    source = Source(h=ONE)
    source.broken, source.failure = {ONE}, ZeroDivisionError("secret")
    assert watcher_of(source).look().refused["1h"].reason == "loading it raised ZeroDivisionError"


def test_moving_the_pointer_back_forgets_the_refusal_and_reloads_nothing():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"], source.broken = TWO, {TWO}
    watcher.look()
    source.named["1h"] = ONE
    assert watcher.look().refused == {}
    assert source.loaded == [("1h", "1"), ("1h", "2")]


def test_a_refusal_raises_one_alert_however_often_it_is_seen():
    source = Source(h=ONE, d=TWO)
    source.broken = {ONE}
    watcher = watcher_of(source)
    watcher.look()
    watcher.look()
    assert source.alerts == [("1h", "1", "naive")]


def test_an_alert_that_could_not_be_kept_is_tried_again(monkeypatch):
    source = Source(h=ONE)
    source.broken = {ONE}
    watcher = watcher_of(source)

    def fail(*_):
        raise StoreUnavailable("the store at home does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(source, "alert", fail)
        watcher.look()
    watcher.look()
    assert source.alerts == [("1h", "1", "naive")]
