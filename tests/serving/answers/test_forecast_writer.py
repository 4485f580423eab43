"""Served forecasts on their way to the log: batched, bounded, counted when dropped, flushed at the end."""

import logging
import threading
from dataclasses import replace

import pytest

from forecasting.adapters.store import open_store
from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.forecast_log import ForecastLog
from forecasting.errors import StoreUnavailable
from serving.answers.forecast_writer import BATCH, ForecastWriter
from tests.forecasting.adapters.store.test_forecast_log import FORECAST

SECONDS = 30.0


class Door:
    """A store that may be away, or may keep whoever asks for it waiting."""

    def __init__(self, store):
        self.store, self.away, self.asked = store, False, threading.Event()
        self.free = threading.Event()
        self.free.set()

    def __call__(self):
        self.asked.set()
        assert self.free.wait(SECONDS)
        if self.away:
            raise StoreUnavailable("the disk is away")
        return self.store


@pytest.fixture
def door(tmp_path):
    store = open_store(None, tmp_path / "store.db", "unused")
    yield Door(store)
    store.close()


@pytest.fixture
def writer_of(door):
    """Start a writer; it ends with the test."""
    writers = []

    def start(**options):
        writer = ForecastWriter(door, rest_seconds=0.001, **options)
        writers.append(writer)
        writer.start()
        return writer

    yield start
    door.free.set()
    for writer in writers:
        writer.stop()


def numbered(number):
    return replace(FORECAST, served_ms=FORECAST.served_ms + number)


def logged(door):
    return sorted(
        each.forecast.served_ms - FORECAST.served_ms for each in ForecastLog(door.store).find() if each.intact
    )


def alerts(door):
    return [alert.facts for alert in AlertBook(door.store).newest(kind="forecasts-dropped")]


def test_what_is_offered_is_logged(writer_of, door):
    writer = writer_of()
    assert all(writer.offer(numbered(number)) for number in range(600))
    assert writer.flush(SECONDS)
    assert logged(door) == list(range(600))
    assert alerts(door) == []


def test_many_are_written_at_once(writer_of, door, monkeypatch):
    sizes = []
    write = ForecastLog.write
    monkeypatch.setattr(
        ForecastLog, "write", lambda log, batch: (sizes.append(len(batch)), write(log, batch))[1]
    )
    door.free.clear()
    writer = writer_of()
    writer.offer(numbered(0))
    assert door.asked.wait(SECONDS)
    for number in range(1, 2 * BATCH + 1):
        writer.offer(numbered(number))
    door.free.set()
    assert writer.flush(SECONDS)
    assert sizes == [1, BATCH, BATCH]


def test_a_store_that_hangs_holds_up_nobody_but_the_writer(writer_of, door):
    door.free.clear()
    writer = writer_of(capacity=3)
    assert [writer.offer(numbered(number)) for number in range(5)] == [True, True, True, False, False]
    assert writer.dropped == 2


def test_what_did_not_fit_is_told_by_an_alert_once_the_store_is_back(writer_of, door):
    door.away = True
    writer = writer_of(capacity=3)
    for number in range(5):
        writer.offer(numbered(number))
    door.away = False
    assert writer.flush(SECONDS)
    assert logged(door) == [0, 1, 2]
    assert writer.stop()
    assert alerts(door) == [{"forecasts": 2, "in_all": 2}]


def test_an_alert_tells_only_of_those_dropped_since_the_last_one(writer_of, door):
    writer = writer_of(capacity=1)
    for _ in range(2):
        door.away = True
        assert writer.flush(SECONDS)
        assert [writer.offer(numbered(each)) for each in range(3)] == [True, False, False]
        door.away = False
        assert writer.flush(SECONDS)
    assert writer.stop()
    assert alerts(door) == [{"forecasts": 2, "in_all": 4}, {"forecasts": 2, "in_all": 2}]


def test_what_waits_at_the_end_is_written(writer_of, door):
    door.free.clear()
    writer = writer_of()
    for number in range(400):
        writer.offer(numbered(number))
    door.free.set()
    assert writer.stop()
    assert logged(door) == list(range(400))
    assert not writer.offer(numbered(400))


def test_an_end_without_a_store_says_how_many_are_lost(writer_of, door, caplog):
    door.away = True
    writer = writer_of()
    writer.offer(numbered(0))
    with caplog.at_level(logging.WARNING):
        assert writer.stop()
    assert "1 served forecasts were not logged: the disk is away" in caplog.text


def test_a_store_that_hangs_at_the_end_is_left_behind(writer_of, door, caplog):
    door.free.clear()
    writer = writer_of()
    writer.offer(numbered(0))
    assert not writer.stop(0.01)
    assert "1 served forecasts were not logged: the store was too slow" in caplog.text


def test_one_that_cannot_be_stored_takes_no_other_with_it(writer_of, door, caplog):
    door.free.clear()
    writer = writer_of()
    writer.offer(numbered(0))
    writer.offer(replace(numbered(1), as_of_ms=2**80))
    writer.offer(numbered(2))
    door.free.set()
    assert writer.flush(SECONDS)
    assert logged(door) == [0, 2]
    assert writer.dropped == 1
    assert "a forecast of BTC/USDT 1h cannot be logged" in caplog.text
