"""Shadow forecasts: what the challenger would have said where production answered, logged off the request's path."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace

from serving.answers.challengers import challengers_of
from serving.answers.market import CHALLENGER, Question
from serving.in_use.snapshot import Snapshot

CAPACITY = 1_024
MOST_REMEMBERED = 10_000

_log = logging.getLogger(__name__)
_Key = tuple[str, str, int]


class Shadows:
    """A bounded queue of questions that production answered, and the one thread that asks the challenger.

    Each challenger is asked once about each candle of a market. What does not fit is dropped: the next answer
    about a later candle brings the next shadow.

    Parameters
    ----------
    capacity
        Questions that may wait.
    """

    def __init__(self, *, capacity: int = CAPACITY) -> None:
        self._waiting: queue.Queue[tuple[Question, Snapshot] | None] = queue.Queue(capacity)
        self._asked: dict[_Key, None] = {}
        self.dropped = 0
        self._thread = threading.Thread(name="shadows", daemon=True)

    def start(self, answer: Callable[[Question, Snapshot], object]) -> None:
        """Begin to ask with what answers a question from a snapshot and logs it."""
        self._thread = threading.Thread(target=self._follow, args=(answer,), name="shadows", daemon=True)
        self._thread.start()

    def stop(self, timeout_seconds: float = 5.0) -> bool:
        """Ask what waits, then end; False for one that takes longer and is left behind: it is a daemon."""
        if self._thread.is_alive():
            try:
                self._waiting.put(None, timeout=timeout_seconds)
            except queue.Full:
                return False
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def offer(self, question: Question, snapshot: Snapshot, as_of_ms: int) -> None:
        """Take note of what production answered about a candle; never waits."""
        challenger = snapshot.challengers.get(question.horizon.name)
        if challenger is None or question.symbol not in challenger.spec.symbols:
            return
        key = (challenger.version.digest, question.symbol, as_of_ms)
        if key in self._asked:
            return
        self._asked[key] = None
        if len(self._asked) > MOST_REMEMBERED:
            self._asked.pop(next(iter(self._asked)), None)
        try:
            self._waiting.put_nowait((replace(question, alias=CHALLENGER), snapshot))
        except queue.Full:
            self.dropped += 1

    def _follow(self, answer: Callable[[Question, Snapshot], object]) -> None:
        while (waiting := self._waiting.get()) is not None:
            question, snapshot = waiting
            try:
                answer(question, challengers_of(snapshot))
            except Exception as error:  # nobody waits for it, and the next one is tried
                _log.warning("no shadow forecast over %s: %s", question.horizon.name, error)
