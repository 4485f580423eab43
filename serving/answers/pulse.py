"""Whether the store answers at all: asked for next to nothing each second, so that requests need not wait to find out."""

from __future__ import annotations

import time
from collections.abc import Callable

from forecasting.adapters.store.collections import ALERTS
from forecasting.adapters.store.port import DocumentStore
from forecasting.errors import StoreUnavailable
from serving.polling import Poller

PATIENCE_SECONDS = 2.0
NOTHING = "pulse"  # the id of no alert


class Pulse(Poller):
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
        super().__init__("store-pulse", poll_seconds, broken="the store cannot be asked whether it answers")
        self._store = store
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._asked: float | None = None
        self._silence: str | None = None

    def silence(self) -> str | None:
        """Tell what is wrong with a store that would keep whoever asks it waiting; None where nothing is."""
        asked = self._asked
        if asked is not None and self._waited(asked):
            return f"the store has not answered for {self._clock() - asked:.0f} s"
        return self._silence

    def step(self) -> None:
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
