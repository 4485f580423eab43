"""Answers in threads that the event loop attends to: a call in one of them has a deadline and needs no thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

LOOK_SECONDS = 0.01

Answer = TypeVar("Answer")


class GivenUpError(BaseException):
    """Nobody waits for this answer any more: no Exception, for nothing on its way may make another answer of it."""


class Line(Protocol):
    """Takes note of calls that are overdue."""

    def leave_behind(self, since: float, future: Future[Any]) -> None:
        """Take note of one that began at a moment and still runs."""
        ...


@dataclass(slots=True)
class Attended:
    """One answer, and the call in it that has a deadline.

    Attributes
    ----------
    late
        Whether the answer was begun before, and given up in a call that was overdue.
    """

    late: bool
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _call: tuple[Line, float, Future[Any]] | None = None
    _until: float = 0.0
    _given_up: bool = False

    def begin(self, line: Line, since: float, until: float, future: Future[Any]) -> None:
        """Begin the call: it may run until a moment, and ends the future."""
        with self._lock:
            self._call, self._until = (line, since, future), until

    def end(self) -> None:
        """End the call.

        Raises
        ------
        GivenUpError
            It came too late.
        """
        with self._lock:
            self._call = None
            if self._given_up:
                raise GivenUpError

    def give_up(self, now: float) -> bool:
        """Leave the answer behind if it is in a call that is overdue by now; whether it was."""
        with self._lock:
            if self._call is None or now < self._until:
                return False
            line, since, future = self._call
            line.leave_behind(since, future)
            self._given_up = True
            return True


class _Thread(threading.local):
    answer: Attended | None = None


THIS_THREAD = _Thread()


class Attendance:
    """Waits in the event loop for an answer that a thread computes, and looks whether a call in it is overdue."""

    def __init__(self, attended: Attended) -> None:
        self._attended = attended
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Future[Any] | None] = self._loop.create_future()

    def of(self, ask: Callable[[], Answer]) -> Callable[[], Answer]:
        """Give what the thread is to run."""

        def run() -> Answer:
            THIS_THREAD.answer = self._attended
            try:
                return ask()
            finally:
                THIS_THREAD.answer = None

        return run

    def told(self) -> Future[Any]:
        """Give what the thread is to end."""
        future: Future[Any] = Future()
        future.add_done_callback(self._tell)
        return future

    async def wait(self, seconds: float) -> Future[Any] | None:
        """Wait until it ended, or was given up, which nobody looks for before so many seconds have passed: None."""
        self._timer = self._loop.call_later(seconds, self._look)
        try:
            return await self._ended
        finally:
            self._timer.cancel()

    def _look(self) -> None:
        if self._attended.give_up(time.monotonic()):
            self._end(None)
        else:
            self._timer = self._loop.call_later(LOOK_SECONDS, self._look)

    def _tell(self, future: Future[Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            self._loop.call_soon_threadsafe(self._end, future)

    def _end(self, future: Future[Any] | None) -> None:
        if not self._ended.done():
            self._ended.set_result(future)
