import logging
import threading
from dataclasses import replace

import pytest

from forecasting.errors import DamagedBundle, RegistryUnavailable, StoreUnavailable
from forecasting.horizons import load_horizons
from serving.in_use.bringing import RETRY_REFUSED_MS, RETRY_UNFETCHED_MS
from serving.in_use.challenging import ASK_MS
from serving.in_use.snapshot import Production, ProductionVersion, ServedModel
from serving.in_use.watcher import LoadPolicy, ProductionWatcher

HOUR, DAY = (load_horizons()[name] for name in ("1h", "1d"))
ONE, TWO, THREE = (ProductionVersion(number, digit * 64) for number, digit in ("1a", "2b", "3c"))
SECONDS = 20.0


class Source:
    """Pointers, bundles and the memory of what was served last, under the test's control."""

    def __init__(self, **named):
        self.named = {"1h": None, "1d": None} | {f"1{name}": version for name, version in named.items()}
        self.previous = None
        self.withdrawn = None
        self.candidate = None
        self.reason = ""
        self.down = False
        self.broken = set()
        self.hanging = {TWO}
        self.failure = DamagedBundle("model.txt does not match its digest")
        self.loaded = []
        self.alerts = []
        self.kept = {}
        self.may_load = threading.Event()
        self.may_load.set()

    def production(self, horizon):
        if self.down:
            raise StoreUnavailable("the store at home does not answer")
        version = self.named[horizon.name]
        return Production(version, 1, "" if version else self.reason, self.previous, self.withdrawn)

    def challenger(self, horizon):
        return self.candidate if horizon.name == "1h" else None

    def alert(self, horizon, refusal, instead):
        if self.down:
            raise StoreUnavailable("the store at home does not answer")
        self.alerts.append((horizon.name, refusal.version.number, instead))

    def load(self, horizon, version, now_ms):
        if version in self.hanging:
            self.may_load.wait(SECONDS)
        self.loaded.append((horizon.name, version.number))
        if version in self.broken:
            raise self.failure
        return model_of(horizon, version, now_ms)

    def last_good(self, horizon, now_ms):
        version = self.kept.get(horizon.name)
        if version in self.broken:
            raise self.failure
        return version and model_of(horizon, version, now_ms)

    def keep_last_good(self, horizon, version):
        self.kept[horizon.name] = version


def model_of(horizon, version, now_ms):
    model_id = f"{horizon.name}-{version.digest[:12]}"
    return ServedModel(horizon.name, model_id, horizon.model_name, version, None, None, 0, now_ms)


class Clock:
    now_ms = 1_000_000

    def __call__(self):
        return self.now_ms


@pytest.fixture
def clock():
    return Clock()


def watcher_of(source, clock=None, **policy):
    return ProductionWatcher(
        source,
        source,
        (HOUR, DAY),
        policy=LoadPolicy(**policy),
        poll_seconds=0.001,
        clock=clock or Clock(),
    )


def numbers(snapshot):
    return {name: model.version.number for name, model in snapshot.models.items()}


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


def test_what_serves_is_remembered_for_the_next_start():
    source = Source(h=ONE)
    watcher_of(source).look()
    assert source.kept == {"1h": ONE, "1d": None}


def test_a_refused_version_is_not_remembered_as_good():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"], source.broken = TWO, {TWO}
    watcher.look()
    assert source.kept["1h"] == ONE


def test_going_to_naive_is_remembered_too():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"] = None
    watcher.look()
    assert source.kept["1h"] is None


def test_at_the_start_the_last_good_model_serves_and_says_so_while_the_store_is_down():
    source = Source()
    source.kept, source.down = {"1h": ONE}, True
    watcher = watcher_of(source)
    watcher.restore()
    snapshot = watcher.look()
    assert numbers(snapshot) == {"1h": "1"}
    assert snapshot.why_another("1h") == (
        "the production pointer has not been read since this server started: the last good model for 1h answers"
    )


def test_once_the_pointer_is_read_it_is_followed():
    source = Source(h=TWO)
    source.kept = {"1h": ONE}
    watcher = watcher_of(source)
    watcher.restore()
    snapshot = watcher.look()
    assert numbers(snapshot) == {"1h": "2"}
    assert snapshot.why_another("1h") is None


def test_a_last_good_model_that_the_pointer_names_too_is_not_loaded_again():
    source = Source(h=ONE)
    source.kept = {"1h": ONE}
    watcher = watcher_of(source)
    watcher.restore()
    assert numbers(watcher.look()) == {"1h": "1"}
    assert source.loaded == []


def test_at_the_start_the_last_good_model_serves_in_the_place_of_a_refused_one():
    source = Source(h=TWO)
    source.kept, source.broken = {"1h": ONE}, {TWO}
    watcher = watcher_of(source)
    watcher.restore()
    snapshot = watcher.look()
    assert numbers(snapshot) == {"1h": "1"}
    assert snapshot.why_another("1h") == (
        "production version 2 for 1h was refused: the last good model before it answers"
    )


def test_a_last_good_model_that_is_damaged_leaves_the_others_and_the_pointer():
    source = Source(h=TWO)
    source.kept, source.broken = {"1h": ONE, "1d": TWO}, {ONE}
    watcher = watcher_of(source)
    assert numbers(watcher.restore()) == {"1d": "2"}
    assert numbers(watcher.look()) == {"1h": "2"}


def test_a_disk_that_cannot_be_written_stops_no_swap(monkeypatch):
    source = Source(h=ONE)

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr(source, "keep_last_good", fail)
    assert numbers(watcher_of(source).look()) == {"1h": "1"}


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


def test_what_served_before_the_refused_one_is_not_taken_for_it_where_nothing_was_in_use():
    source = Source(h=TWO)
    source.broken = {TWO}
    snapshot = watcher_of(source).look()
    assert (numbers(snapshot), source.loaded) == ({}, [("1h", "2")])


def test_naive_by_the_pointer_says_why():
    source = Source()
    source.reason = "the production model for 1h was rolled back to naive by jan: it lost"
    assert watcher_of(source).look().why_none("1h") == source.reason


def test_the_previous_version_answers_for_a_refused_one_and_is_named():
    source = Source(h=TWO)
    source.previous, source.broken = ONE, {TWO}
    snapshot = watcher_of(source).look()
    assert (numbers(snapshot), snapshot.source("1h")) == ({"1h": "1"}, "previous")
    assert (
        snapshot.why_another("1h")
        == "production version 2 for 1h was refused: the previous version 1 answers"
    )
    assert source.alerts == [("1h", "2", "previous version 1")]


def test_production_takes_its_place_from_the_previous_version_once_it_can_be_used(clock):
    source = Source(h=TWO)
    source.previous, source.broken = ONE, {TWO}
    watcher = watcher_of(source, clock)
    watcher.look()
    source.broken = set()
    clock.now_ms += RETRY_REFUSED_MS
    snapshot = watcher.look()
    assert (numbers(snapshot), snapshot.source("1h")) == ({"1h": "2"}, "production")


def test_the_model_that_served_until_now_is_the_previous_one_without_being_loaded_again():
    source = Source(h=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"], source.previous, source.broken = TWO, ONE, {TWO}
    assert watcher.look().source("1h") == "previous"
    assert source.loaded == [("1h", "1"), ("1h", "2")]


def test_the_last_good_model_answers_where_neither_production_nor_previous_can():
    source = Source(h=THREE)
    source.kept, source.previous, source.broken = {"1h": ONE}, TWO, {TWO, THREE}
    watcher = watcher_of(source)
    watcher.restore()
    snapshot = watcher.look()
    assert (numbers(snapshot), snapshot.source("1h")) == ({"1h": "1"}, "last-good")
    assert source.alerts == [("1h", "3", "last-good version 1")]


def test_what_was_taken_out_answers_for_nobody():
    source = Source(h=TWO)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"], source.withdrawn, source.broken = ONE, "2", {ONE}
    snapshot = watcher.look()
    assert (numbers(snapshot), snapshot.source("1h")) == ({}, "naive")
    assert "production version 1 for 1h was refused" in snapshot.why_none("1h")


def test_a_model_that_was_remembered_does_not_come_back_after_naive():
    source = Source()
    source.kept = {"1h": ONE}
    watcher = watcher_of(source)
    watcher.restore()
    assert numbers(watcher.look()) == {}
    source.named["1h"], source.broken = TWO, {TWO}
    assert numbers(watcher.look()) == {}


def test_a_load_that_hangs_keeps_out_no_other_horizon():
    source = Source(h=ONE, d=TWO)
    source.hanging = {ONE}
    source.may_load.clear()
    watcher = watcher_of(source, patience_seconds=0.001)
    while numbers(watcher.look()) != {"1d": "2"}:
        pass
    assert watcher.snapshot.loading == {"1h"}
    assert watcher.snapshot.why_none("1h") == "the production model for 1h is being loaded"
    source.may_load.set()
    while not watcher.look().settled:
        pass
    assert numbers(watcher.snapshot) == {"1h": "1", "1d": "2"}


def test_a_lazy_watcher_loads_at_the_first_question():
    source = Source(h=ONE, d=TWO)
    watcher = watcher_of(source, eager=False)
    snapshot = watcher.look()
    assert (numbers(snapshot), snapshot.settled, snapshot.unasked) == ({}, True, {"1h", "1d"})
    assert snapshot.why_none("1h") == (
        "models are loaded at the first question, and the one for 1h is being loaded now"
    )
    watcher.want("1h")
    assert numbers(watcher.look()) == {"1h": "1"}
    assert source.loaded == [("1h", "1")]


def test_a_question_wakes_a_lazy_watcher():
    source = Source(h=ONE)
    watcher = ProductionWatcher(source, source, (HOUR, DAY), policy=LoadPolicy(eager=False), poll_seconds=60)
    watcher.start()
    try:
        assert watcher.wait_until(lambda snapshot: snapshot.settled, SECONDS)
        watcher.want("1h")
        assert watcher.wait_until(lambda snapshot: numbers(snapshot) == {"1h": "1"}, SECONDS)
    finally:
        watcher.stop()


def test_a_lazy_watcher_takes_what_served_last_while_the_store_is_down():
    source = Source()
    source.kept, source.down = {"1h": ONE, "1d": TWO}, True
    watcher = watcher_of(source, eager=False)
    assert numbers(watcher.restore()) == {}
    watcher.want("1h")
    watcher.look()
    while numbers(watcher.look()) != {"1h": "1"}:
        pass
    assert watcher.snapshot.source("1h") == "last-good"


def test_swaps_are_counted():
    source = Source(h=ONE, d=ONE)
    watcher = watcher_of(source)
    watcher.look()
    source.named["1h"] = None
    watcher.look()
    watcher.look()
    assert watcher.swaps == 3


def test_the_newest_candidate_is_in_memory_beside_what_serves_and_unproven():
    source = Source(h=replace(ONE, evidence="proven"))
    source.candidate = replace(TWO, evidence="proven")
    watcher = watcher_of(source, challengers=True)
    watcher.look()
    snapshot = watcher.look()
    assert numbers(snapshot) == {"1h": "1"}
    challenger = snapshot.challengers["1h"]
    assert (challenger.version.number, challenger.source, challenger.evidence) == (
        "2",
        "challenger",
        "unproven",
    )


def test_a_challenger_that_is_promoted_is_not_loaded_again(clock):
    source = Source(h=ONE)
    source.candidate = TWO
    watcher = watcher_of(source, clock, challengers=True)
    watcher.look()
    watcher.look()
    source.named["1h"], source.candidate = TWO, None
    clock.now_ms += ASK_MS
    snapshot = watcher.look()
    assert (numbers(snapshot), snapshot.source("1h"), snapshot.challengers) == ({"1h": "2"}, "production", {})
    assert source.loaded == [("1h", "1"), ("1h", "2")]


def test_a_challenger_that_cannot_be_used_disturbs_nobody(caplog):
    source = Source(h=ONE)
    source.candidate, source.broken = TWO, {TWO}
    watcher = watcher_of(source, challengers=True)
    for _ in range(3):
        snapshot = watcher.look()
    assert (numbers(snapshot), snapshot.refused, snapshot.challengers, source.alerts) == (
        {"1h": "1"},
        {},
        {},
        [],
    )
    assert [each.message for each in caplog.records] == [
        "1h: challenger 2 cannot be used: model.txt does not match its digest"
    ]


def test_without_the_policy_there_are_no_challengers():
    source = Source(h=ONE)
    source.candidate = TWO
    watcher = watcher_of(source)
    watcher.look()
    assert watcher.look().challengers == {}
