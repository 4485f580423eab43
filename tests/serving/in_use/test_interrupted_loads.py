"""A load that was told to end (Ctrl-C, the end of a process group) is begun again: nobody is told that the bundle is bad."""

import pytest

from forecasting.adapters.promotion import child as child_module
from forecasting.adapters.promotion import sandbox, tried
from forecasting.errors import DamagedBundle, LoadInterrupted
from forecasting.horizons import load_horizons
from serving.in_use.bringing import RETRY_UNFETCHED_MS
from serving.in_use.snapshot import ProductionVersion
from serving.in_use.watcher import ProductionWatcher
from tests.serving.in_use.watched import ONE, TWO, Source, numbers, watcher_of

HORIZON = load_horizons()["1h"]


@pytest.fixture
def interrupted():
    source = Source(h=ONE)
    source.broken, source.failure = {ONE, TWO}, LoadInterrupted("what loads it was ended by SIGINT")
    return source


def test_an_interrupted_load_is_no_refusal_and_raises_no_alert(interrupted):
    snapshot = watcher_of(interrupted).look()
    assert (snapshot.refused, snapshot.loading, interrupted.alerts) == ({}, {"1h"}, [])
    assert snapshot.why_none("1h") == "the production model for 1h is being loaded"


def test_an_interrupted_load_is_begun_again_after_a_while(interrupted, clock):
    watcher = watcher_of(interrupted, clock)
    watcher.look()
    clock.now_ms += RETRY_UNFETCHED_MS - 1
    watcher.look()
    assert interrupted.loaded == [("1h", "1")]
    interrupted.broken = set()
    clock.now_ms += 1
    assert numbers(watcher.look()) == {"1h": "1"}


def test_the_old_model_serves_on_while_the_load_of_the_new_one_was_interrupted(interrupted):
    interrupted.broken, interrupted.named["1h"] = {TWO}, ONE
    watcher = watcher_of(interrupted)
    watcher.look()
    interrupted.named["1h"] = TWO
    assert (numbers(watcher.look()), interrupted.alerts) == ({"1h": "1"}, [])


def test_a_version_that_is_refused_after_an_interruption_raises_its_alert(interrupted, clock):
    watcher = watcher_of(interrupted, clock)
    watcher.look()
    interrupted.failure = DamagedBundle("model.txt does not match its digest")
    clock.now_ms += RETRY_UNFETCHED_MS
    assert "1h" in watcher.look().refused
    assert interrupted.alerts == [("1h", "1", "naive")]


def test_what_served_last_is_tried_again_after_an_interruption(interrupted):
    interrupted.kept, interrupted.down = {"1h": ONE}, True
    watcher = watcher_of(interrupted)
    assert numbers(watcher.restore()) == {}
    interrupted.broken = set()
    while numbers(watcher.look()) != {"1h": "1"}:
        pass
    assert watcher.snapshot.source("1h") == "last-good"


def test_a_real_process_that_a_signal_ends_is_no_refusal(source, world, monkeypatch, tmp_path):
    version = world.versions[0]
    pointers = Source(h=ProductionVersion(version.version, version.digest))
    shell = tmp_path / "python"
    shell.write_text("#!/bin/sh\nkill -TERM $$\n")
    shell.chmod(0o755)
    monkeypatch.setattr(child_module.sys, "executable", str(shell))
    monkeypatch.setattr(tried, "load_in_sandbox", sandbox.load_in_sandbox)
    snapshot = ProductionWatcher(pointers, source, (HORIZON,)).look()
    assert (snapshot.refused, snapshot.loading, pointers.alerts) == ({}, {"1h"}, [])
