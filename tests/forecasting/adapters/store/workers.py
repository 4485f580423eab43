"""What other processes do to a store in these tests."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import sqlite3
from pathlib import Path

import pymongo.monitoring

from forecasting.adapters.store.alpha_ledger import AlphaLedger
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.forecast_ledger import ForecastLedger
from forecasting.adapters.store.lease import lease
from forecasting.errors import StoreUnavailable

WAIT_SECONDS = 60
_meeting = []


def meet_at(barrier):
    """Remember where the processes of a pool wait for each other."""
    _meeting[:] = [barrier]


def begin_together(function, number, place, *arguments):
    """Run one of the functions below as soon as all processes of the pool are here."""
    _meeting[0].wait(WAIT_SECONDS)
    store = place.open()
    try:
        return function(store, number, *arguments)
    finally:
        store.close()


def count_up(store, number, times):
    """Add one to a document, again whenever another writer was first."""
    for _ in range(times):
        while True:
            known = store.get("settings", "counter")
            version = known["version"] if known else None
            document = {
                "_id": "counter",
                "version": (version or 0) + 1,
                "count": known["count"] + 1 if known else 1,
            }
            if store.compare_and_set("settings", document, version):
                break


def count_up_under_lease(store, number, times):
    """Add one to a document in a way that loses updates, unless nobody else does so meanwhile."""
    done = 0
    while done < times:
        try:
            with lease(store, "counting", f"process {number}", 60, lambda: 0):
                known = store.get("settings", "counter") or {"_id": "counter", "count": 0}
                store.put("settings", {**known, "count": known["count"] + 1})
                done += 1
        except StoreUnavailable as error:
            assert "is held by" in str(error)  # noqa: PT017 - any other failure ends the test


def write_three_times(store, number, candles, rows):
    """Write the same candles three times in pieces, every second process backwards, row by row too."""
    starts = list(range(0, len(candles), rows))
    for start in (starts if number % 2 else starts[::-1]) * 3:
        piece = candles.take(slice(start, start + rows))
        CandleStore(store).write(
            piece if number % 2 else piece.take(slice(None, None, -1)), f"source {number}"
        )


def revise_in_turns(store, number, tables, first_ms):
    """Write every table, as received at a moment of its own; each process begins with another one."""
    for turn in range(len(tables)):
        place = (turn + number) % len(tables)
        CandleStore(store).write(tables[place], f"source {place}", first_ms + place)


def cover(store, number, event_store, records, spans):
    """Write events that several sources share, each its own span."""
    event_store(store).write(records, *spans[number])


def write_and_tell(place, pieces, connection, die_at=None, received_ms=None):
    """Write one piece after the other, and tell of each that is acknowledged; die before step `die_at` of the engine.

    The pieces are received a millisecond apart where `received_ms` says when the first is.
    """
    if die_at is not None:
        _die_at_step(die_at)
    store = place.open()
    for number, piece in enumerate(pieces, start=1):
        moment_ms = None if received_ms is None else received_ms + number - 1
        CandleStore(store).write(piece, f"piece {number}", moment_ms)
        connection.send(number)
    store.close()


def hold_lease(place, name, connection):
    """Hold a lease until killed."""
    with lease(place.open(), name, "the killed one", 60, lambda: 1_000):
        connection.send("held")
        signal.pause()


def write_until_full(place, pieces, connection):
    """Write until no file may grow any more; how many pieces were acknowledged, and what was said then."""
    store = place.open()
    files = (place.path, Path(f"{place.path}-wal"))  # the declarations stand in the write-ahead log at first
    limit = max(each.stat().st_size for each in files) + 3 * pieces[0].close.nbytes * 6
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    done = 0
    try:
        for piece in pieces:
            CandleStore(store).write(piece)
            done += 1
    except StoreUnavailable as error:
        connection.send((done, str(error)))


def _die_at_step(number):
    steps = itertools.count(1)

    def step(*_):
        if next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    class Commands(pymongo.monitoring.CommandListener):
        started = succeeded = failed = staticmethod(step)

    connect = sqlite3.connect

    def connect_and_watch(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.set_trace_callback(step)
        return connection

    pymongo.monitoring.register(Commands())
    sqlite3.connect = connect_and_watch


def charge_and_reveal(store, number, questions):
    """Ask several questions of the ledger of alpha, each of a recipe of this process."""
    ledger = AlphaLedger(store)
    for question in range(questions):
        ledger.reveal(ledger.charge(f"{number}-{question}", "1h"), passed=False)


def charge_the_same(store, number, questions):
    """Ask questions that all other processes ask too; digests of what was paid."""
    ledger = AlphaLedger(store)
    return [ledger.charge(f"recipe {question}", "1h").digest for question in range(questions)]


def write_blocks(store, number, blocks):
    """Write the same blocks of the forecast ledger as all other processes."""
    ForecastLedger(store).write(blocks)
