from serving.in_use.watcher import LoadPolicy, ProductionWatcher
from tests.serving.in_use.watched import DAY, HOUR, ONE, SECONDS, TWO, Source, numbers, watcher_of


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
