"""Writes served forecasts to the store in a thread of its own, so that no answer waits for a write."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from forecasting.adapters.store.alerts import AlertBook
from forecasting.adapters.store.forecast_log import ForecastLog, RepeatedForecast, ServedForecast
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import StoreUnavailable

DROPPED = "forecasts-dropped"
CAPACITY = 4096
BATCH = 1024
REST_SECONDS = 1.0
GATHER_SECONDS = 0.05
FLUSH_SECONDS = 5.0

Offered = ServedForecast | RepeatedForecast

_log = logging.getLogger(__name__)


class ForecastWriter:
    """A bounded queue before the forecast log, and the one thread that empties it.

    While the store is down forecasts wait in the queue; what no longer fits is dropped and counted, and an alert
    tells how many as soon as the store is back.

    Parameters
    ----------
    store
        Opens the store or returns the open one; it is called in the writer's thread alone.
    capacity
        Forecasts that may wait, some 6 KiB each where they were computed; one that was answered again is small.
    rest_seconds
        Pause after a write that failed.
    """

    def __init__(
        self,
        store: Callable[[], DocumentStore],
        *,
        capacity: int = CAPACITY,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._store = store
        self._capacity = capacity
        self._rest_seconds = rest_seconds
        self._waiting: deque[Offered] = deque()
        self._change = threading.Condition()
        self._stopping = threading.Event()
        self._failure: str | None = None
        self._untold = 0
        self.dropped = 0
        self._thread = threading.Thread(target=self._follow, name="forecast-writer", daemon=True)

    @property
    def waiting(self) -> int:
        """How many forecasts wait to be written."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def offer(self, forecast: Offered) -> bool:
        """Queue a forecast for the log; False when it had to be dropped."""
        with self._change:
            if len(self._waiting) >= self._capacity or self._stopping.is_set():
                self._drop(1)
                return False
            self._waiting.append(forecast)
            if len(self._waiting) == 1:
                self._change.notify_all()
        return True

    def flush(self, timeout_seconds: float) -> bool:
        """Wait until everything queued is in the store; False when it took longer."""
        with self._change:
            return self._change.wait_for(lambda: not self._waiting, timeout_seconds)

    def stop(self, timeout_seconds: float = FLUSH_SECONDS) -> bool:
        """Write what waits, then end; what a dead store does not take in time is lost, and logged as such.

        False when the store still holds the thread up, which is a daemon and left behind.
        """
        self._stopping.set()
        with self._change:
            self._change.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
        with self._change:
            if self._waiting or self._untold:
                _log.error(
                    "%d served forecasts were not logged: %s",
                    len(self._waiting) + self._untold,
                    self._failure or "the store was too slow",
                )
        return not self._thread.is_alive()

    def _follow(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._waiting or self._stopping.is_set())
                if not self._waiting:
                    return
            # One transaction for many: a write for each answer would take the time of the next ones.
            if len(self._waiting) < BATCH:
                self._stopping.wait(GATHER_SECONDS)
            with self._change:
                batch = list(islice(self._waiting, BATCH))
            if self._write(batch):
                self._forget(len(batch))
            elif self._stopping.is_set():
                return
            else:
                self._stopping.wait(self._rest_seconds)

    def _write(self, batch: Sequence[Offered]) -> bool:
        try:
            store = self._store()
            self._keep(ForecastLog(store), batch)
            self._tell_dropped(store)
        except StoreUnavailable as error:
            if self._failure is None:
                _log.warning("served forecasts wait to be logged: %s", error)
            self._failure = str(error)
            return False
        self._failure = None
        return True

    def _keep(self, log: ForecastLog, batch: Sequence[Offered]) -> None:
        try:
            log.write(batch)
        except ValueError:  # one that the store cannot hold must not take the others with it
            for each in batch:
                self._keep_alone(log, each)

    def _keep_alone(self, log: ForecastLog, forecast: Offered) -> None:
        try:
            log.write([forecast])
        except ValueError:
            _log.exception("a forecast of %s %s cannot be logged", forecast.symbol, forecast.horizon)
            with self._change:
                self._drop(1)

    def _tell_dropped(self, store: DocumentStore) -> None:
        with self._change:
            untold = self._untold
        if untold:
            AlertBook(store).raise_alert(DROPPED, {"forecasts": untold, "in_all": self.dropped})
            with self._change:
                self._untold -= untold

    def _drop(self, count: int) -> None:
        self.dropped += count
        self._untold += count

    def _forget(self, count: int) -> None:
        with self._change:
            for _ in range(count):
                self._waiting.popleft()
            self._change.notify_all()
