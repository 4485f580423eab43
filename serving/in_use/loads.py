"""Models on their way into memory: each in a thread of its own, few at once, so that one that hangs keeps out no other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, wait

from serving.in_use.snapshot import ServedModel

AT_ONCE = 3

Job = Callable[[], ServedModel | None]


class BackgroundLoads:
    """Runs what loads a model beside the one thread that asks; a hanging one is left behind when the process ends."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._slots = threading.Semaphore(at_once)
        self._begun: dict[str, Future[ServedModel | None]] = {}

    def begin(self, key: str, job: Job) -> None:
        """Begin a job, unless the one of that key is under way or was not taken yet."""
        if key in self._begun:
            return
        future = self._begun[key] = Future()
        # A daemon: the pools of concurrent.futures wait for theirs when the process ends.
        threading.Thread(target=self._run, args=(future, job), name=f"load {key}", daemon=True).start()

    def wait(self, seconds: float | None) -> bool:
        """Wait until all that was begun has ended, so long at most (None: for ever); False when nothing was to be taken."""
        wait(self._begun.values(), seconds)
        return bool(self._begun)

    def take(self, key: str) -> Future[ServedModel | None] | None:
        """Take what came of a job, once; None while it is under way or was never begun."""
        future = self._begun.get(key)
        return self._begun.pop(key) if future is not None and future.done() else None

    def keep_only(self, keys: Collection[str]) -> None:
        """Drop what nobody will take."""
        self._begun = {key: future for key, future in self._begun.items() if key in keys}

    def _run(self, future: Future[ServedModel | None], job: Job) -> None:
        with self._slots:
            try:
                future.set_result(job())
            except BaseException as error:  # whoever takes it gets what the job raised
                future.set_exception(error)
