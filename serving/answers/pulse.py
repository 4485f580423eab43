"""Whether the store answers at all: asked for next to nothing each second, so that requests need not wait to find out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from forecasting.adapters.store.collections import ALERTS
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import StoreUnavailable

PATIENCE_SECONDS = 2.0
NOTHING = "pulse"  # the id of no alert

_log = logging.getLogger(__name__)


class Pulse:
    """Feels the store's pulse in a thread of its own.

    A store that refuses at once is no case for it: a request finds that out as quickly.

    Parameters
    ----------
    store
        Opens the store or returns the open one.
    poll_seconds
        Pause between two beats.
    patience_seconds
        A store that takes longer is silent, until it answers.
    clock
        Seconds, never going back.
    """

    def __init__(
        self,
        store: Callable[[], DocumentStore],
        *,
        poll_seconds: float,
        patience_seconds: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._poll_seconds = poll_seconds
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._asked: float | None = None
        self._silence: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="store-pulse", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 5.0) -> bool:
        """Ask no more; False for a thread that hangs in a dead store, which is left behind: it is a daemon."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def silence(self) -> str | None:
        """Tell what is wrong with a store that would keep whoever asks it waiting; None where nothing is."""
        asked = self._asked
        if asked is not None and self._waited(asked):
            return f"the store has not answered for {self._clock() - asked:.0f} s"
        return self._silence

    def beat(self) -> None:
        """Ask once."""
        asked = self._asked = self._clock()
        try:
            self._store().get(ALERTS, NOTHING)
            self._silence = None
        except StoreUnavailable as error:
            self._silence = str(error) if self._waited(asked) else None
        finally:
            self._asked = None

    def _waited(self, asked: float) -> bool:
        return self._clock() - asked > self._patience_seconds

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                self.beat()
            except Exception:  # a thread that dies here would have requests wait again
                _log.exception("the store cannot be asked whether it answers")
            self._stop.wait(self._poll_seconds)
