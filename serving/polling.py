"""What is done again and again beside the requests, in a thread of its own until it is stopped."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod

from forecasting.errors import StoreUnavailable

STOP_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Poller(ABC):
    """Takes a step, pauses, and takes the next one; no step that fails ends it.

    Setting `_wake` ends a pause at once. A store that is away is told once, until a step succeeds again.

    Parameters
    ----------
    name
        Of the thread.
    poll_seconds
        Pause between two steps.
    broken
        What is told with the trace of an error that nobody foresaw.
    away
        What is told where a step ends with StoreUnavailable, before the store's own words.
    """

    def __init__(
        self, name: str, poll_seconds: float, *, broken: str, away: str = "the store is away"
    ) -> None:
        self._poll_seconds = poll_seconds
        self._broken = broken
        self._away = away
        self._is_away = False
        self._stopping = False
        self._wake = threading.Event()
        self._stepped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def step(self) -> None:
        """Do once what is to be done."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_seconds: float = STOP_SECONDS) -> bool:
        """End the thread; False for one that hangs in what it asks, which is left behind: it is a daemon."""
        self._ask_to_stop()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def wait_until_stepped(self, timeout_seconds: float) -> bool:
        """Wait for the first step, whatever came of it; False when it took longer."""
        return self._stepped.wait(timeout_seconds)

    def _ask_to_stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def _begin(self) -> None:  # noqa: B027 - most have nothing to do before
        """Do what comes before the first step."""

    def _end(self) -> None:  # noqa: B027 - nor after
        """Do what comes after the last step."""

    def _broke(self) -> None:
        """Do what an error of a step asks for; called while it is handled."""
        _log.exception("%s", self._broken)

    def _run(self) -> None:
        self._begin()
        while not self._stopping:
            self._take_step()
            self._wake.wait(self._poll_seconds)
            self._wake.clear()
        self._end()

    def _take_step(self) -> None:
        try:
            self.step()
            self._is_away = False
        except StoreUnavailable as error:
            if not self._is_away:
                _log.warning("%s: %s", self._away, error)
            self._is_away = True
        except Exception:  # a thread that dies here would leave what relies on it as it is, without a word
            self._broke()
        self._stepped.set()
