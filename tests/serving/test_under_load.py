"""Real server processes while many ask: models swapped, a store that hangs, and an end that breaks nothing off.

Each lasts `FORETICK_LOAD_SECONDS`, eight by default; a minute is what is promised.
"""

import contextlib
import os
import signal
import sqlite3
import time
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from deployments.local.keeper import descendants
from deployments.local.services import LOOPBACK
from serving.answers.breakers import LATE
from tests.serving.load import SECONDS, Callers, server
from tests.serving.placing import place
from tests.serving.sites import site_of

SWAP_SECONDS = 0.5
SIGTERMS = 10
GROWTH = 1.10


@pytest.fixture
def site(world, tmp_path):
    """An installation whose bundles are in the registry alone."""
    with site_of(world, tmp_path) as site:
        yield site


def wait_for(site, version, seconds=120):
    """Ask until the version answers."""
    until = time.monotonic() + seconds
    address = f"http://{LOOPBACK}:{site.port}/api/forecast"
    while (told := httpx.post(address, json=site.question, timeout=60).json())["model_version"] != version:
        assert time.monotonic() < until, told


def resident_bytes(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def pids(running):
    return descendants(running.process.pid)


def pause(until):
    """Let the callers ask for a while."""
    with contextlib.suppress(ValueError):
        time.sleep(until - time.monotonic())


def test_models_are_swapped_under_load_and_no_request_notices(site, world):
    with server(site.port, site.log, site.environment) as running:
        for version in world.versions:  # each is tried in a sandbox once, which takes seconds
            place(site.store, version)
            wait_for(site, version.version)
        with (
            Callers(site.port, site.question) as cached,
            Callers(site.port, site.question, headers={"Cache-Control": "no-cache"}) as fresh,
        ):
            begin, first = time.monotonic(), None
            every = zip(range(1, int(SECONDS / SWAP_SECONDS) + 1), cycle(world.versions), strict=False)
            for swaps, version in every:
                place(site.store, version)
                pause(begin + swaps * SWAP_SECONDS)
                if swaps == 4:
                    first = sum(map(resident_bytes, pids(running)))
            last = sum(map(resident_bytes, pids(running)))
        for callers in (cached, fresh):
            assert not callers.answers.broken
            assert set(callers.answers.statuses) == {200}
            # Each version gave one forecast, and no other was ever seen; on a busy machine one may come too late.
            told = {each for each in callers.answers.forecasts if each[1] is not None}
            assert {each[:2] for each in told} == {(each.model_id, each.version) for each in world.versions}
            assert len(told) == len(world.versions)
            assert all(reason is None or LATE in reason for reason in callers.answers.reasons)
        assert last <= GROWTH * first


def test_a_store_that_nobody_can_write_to_costs_no_answer(site, world):
    with server(site.port, site.log, site.environment):
        wait_for(site, world.versions[0].version)
        with contextlib.closing(sqlite3.connect(site.settings.store_path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with Callers(site.port, site.question) as callers:
                pause(time.monotonic() + SECONDS)
            other.execute("ROLLBACK")
    assert not callers.answers.broken
    assert set(callers.answers.statuses) == {200}
    assert {model for model, *_ in callers.answers.forecasts} == {world.versions[0].model_id}


def test_requests_that_were_taken_are_answered_when_the_server_is_told_to_end(site, world):
    for number in range(SIGTERMS):
        with server(site.port, site.log, site.environment) as running:
            wait_for(site, world.versions[0].version)
            with Callers(site.port, site.question, keep=number % 2 == 0) as callers:
                pause(time.monotonic() + 0.5)
                for pid in pids(running):
                    os.kill(pid, signal.SIGTERM)
                running.process.wait(60)
        assert callers.answers.statuses.keys() == {200}, callers.answers
        assert not callers.answers.broken, callers.answers.broken
