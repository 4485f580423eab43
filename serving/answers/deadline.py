"""Calls with a deadline: what takes too long is left behind in its thread, and whoever asked goes on without it."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

DEADLINE_SECONDS = 0.12  # naive needs a part of the 200 ms in which a request is answered
HUNG_SECONDS = 2.0

Answer = TypeVar("Answer")


class OverdueError(Exception):
    """A call gave nothing within its deadline, or the one before it still runs.

    Parameters
    ----------
    seconds
        How long the oldest call has been running.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"a call has been running for {seconds:.3f} s")
        self.seconds = seconds

    @property
    def hung(self) -> bool:
        """Whether it is no longer merely slow."""
        return self.seconds >= HUNG_SECONDS


@dataclass(frozen=True, slots=True)
class _Late:
    future: Future[Any]
    since: float


class Deadline:
    """Runs calls in threads that are daemons: one that hangs holds up neither its caller nor the end of the process.

    Of what has one name, no other call begins while one that is overdue runs on, so no name ever holds more
    threads than asked at once before its first deadline passed.

    Parameters
    ----------
    seconds
        How long a call may take.
    clock
        Seconds, never going back.
    """

    def __init__(
        self, seconds: float = DEADLINE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._idle: deque[_Worker] = deque()
        self._late: dict[str, _Late] = {}

    def call(self, name: str, work: Callable[[], Answer]) -> Answer:
        """Run a call of what has a name.

        Raises
        ------
        OverdueError
            It took too long, or one before it still does.
        Exception
            Whatever the call raised.
        """
        late = self._late.get(name)
        if late is not None:
            if not late.future.done():
                raise OverdueError(self._clock() - late.since)
            self._late.pop(name, None)
        since, future = self._clock(), Future[Answer]()
        worker = self._worker()
        worker.begin(work, future)
        try:
            future.exception(self._seconds)
        except TimeoutError:
            worker.end()
            self._late[name] = _Late(future, since)
            raise OverdueError(self._clock() - since) from None
        self._idle.append(worker)
        return future.result()

    def _worker(self) -> _Worker:
        try:
            return self._idle.pop()
        except IndexError:
            return _Worker()


class _Worker:
    """A thread that runs one call after the other."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="predict", daemon=True).start()

    def begin(self, work: Callable[[], Answer], future: Future[Answer]) -> None:
        """Run a call, which ends the future."""
        self._calls.put((work, future))

    def end(self) -> None:
        """End the thread after the call that it runs."""
        self._calls.put(None)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            work, future = call
            try:
                future.set_result(work())
            except BaseException as error:  # whatever it is, it belongs to whoever asked
                future.set_exception(error)
            del call, work, future
