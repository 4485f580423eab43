"""Calls with a deadline: what takes too long is left behind in its thread, and whoever asked goes on without it."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from serving.answers.attended import THIS_THREAD, Attendance, Attended

DEADLINE_SECONDS = 0.1  # naive needs the rest of the 200 ms in which a request is answered
HUNG_SECONDS = 2.0
AT_ONCE = 4  # a call keeps a core busy, and more than a few only make each other late

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


class DiedError(Exception):
    """A call tried to end the thread or the process that it ran in."""


class _Line:
    """The calls of one name: few at once, and none while one is overdue."""

    def __init__(self) -> None:
        self._room: queue.SimpleQueue[None] = queue.SimpleQueue()  # quicker than a semaphore
        for _ in range(AT_ONCE):
            self._room.put(None)
        self._late: list[tuple[float, Future[Any]]] = []
        self._lock = threading.Lock()

    def enter(self, seconds: float) -> bool:
        """Wait for room to call; False where there was none in time."""
        try:
            self._room.get(timeout=seconds)
        except queue.Empty:
            return False
        return True

    def leave(self, _: Future[Any]) -> None:
        """Make room for the next."""
        self._room.put(None)

    def leave_behind(self, since: float, future: Future[Any]) -> None:
        """Take note of a call that is overdue."""
        with self._lock:
            self._late.append((since, future))

    def overdue_since(self) -> float | None:
        """When the oldest call began that is overdue and still runs; None where none does."""
        if not self._late:
            return None
        with self._lock:
            self._late = [each for each in self._late if not each[1].done()]
            return min((since for since, _ in self._late), default=None)


class Deadline:
    """Runs calls in threads that are daemons: one that hangs holds up neither its caller nor the end of the process.

    Of what has one name, `AT_ONCE` calls run at once, and none begins while one that is overdue runs on: so many threads
    are the most that a name can ever hold, for as long as it hangs. Whoever waits for room waits within the deadline.

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
        self._lines: dict[str, _Line] = {}

    def call(self, name: str, work: Callable[[], Answer]) -> Answer:
        """Run a call of what has a name.

        Raises
        ------
        OverdueError
            It took too long, or one before it still does.
        DiedError
            It raised what would end a thread or the process, such as SystemExit.
        Exception
            Whatever the call raised.
        """
        line = self._lines.get(name) or self._lines.setdefault(name, _Line())
        asked, until = self._clock(), time.monotonic() + self._seconds
        self._demand_none_overdue(line)
        attended = THIS_THREAD.answer
        if (attended is not None and attended.late) or not line.enter(self._seconds):
            self._demand_none_overdue(line)
            raise OverdueError(self._clock() - asked)
        since, future = self._clock(), Future[Answer]()
        future.add_done_callback(line.leave)
        if attended is not None:
            attended.begin(line, since, until, future)
            return _here(work, attended, future)
        worker = self._worker()
        worker.begin(work, future)
        try:
            error = future.exception(max(0.0, until - time.monotonic()))
        except TimeoutError:
            worker.end()
            line.leave_behind(since, future)
            raise OverdueError(self._clock() - since) from None
        self._idle.append(worker)
        return _given(future, error)

    async def answer(self, ask: Callable[[], Answer]) -> Answer:
        """Run an answer in a thread in which `call` needs no other one; where a call is overdue it is begun again.

        The second time `call` says at once that it is overdue, as it does to whoever asks meanwhile.
        """
        late = False
        while (answered := await self._attended(ask, late=late)) is None:
            late = True
        return _given(answered, answered.exception())

    async def _attended(self, ask: Callable[[], Answer], *, late: bool) -> Future[Answer] | None:
        """Run an answer once; None where it was given up."""
        attendance, worker = Attendance(Attended(late)), self._worker()
        worker.begin(attendance.of(ask), attendance.told())
        answered = await attendance.wait(self._seconds)
        if answered is None:
            worker.end()
        else:
            self._idle.append(worker)
        return answered

    def _demand_none_overdue(self, line: _Line) -> None:
        since = line.overdue_since()
        if since is not None:
            raise OverdueError(self._clock() - since)

    def _worker(self) -> _Worker:
        try:
            return self._idle.pop()
        except IndexError:
            return _Worker()


def _here(work: Callable[[], Answer], attended: Attended, future: Future[Any]) -> Answer:
    """Run a call in this thread; who attends to it goes on without it where it is overdue."""
    try:
        return work()
    except Exception:
        raise
    except BaseException as error:
        raise DiedError(f"it raised {type(error).__name__}") from error
    finally:
        future.set_result(None)
        attended.end()


def _given(future: Future[Answer], error: BaseException | None) -> Answer:
    if error is not None and not isinstance(error, Exception):
        raise DiedError(f"it raised {type(error).__name__}") from error
    return future.result()


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
