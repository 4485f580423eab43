from serving.in_use.bringing import RETRY_REFUSED_MS
from tests.serving.in_use.watched import ONE, THREE, TWO, Source, numbers, watcher_of


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
