from dataclasses import replace

from serving.in_use.challenging import ASK_MS
from tests.serving.in_use.watched import ONE, TWO, Source, numbers, watcher_of


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
