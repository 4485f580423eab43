"""Count what a process does to the world, and kill it before the n-th of it.

A side effect is a committed transaction of any SQLite database, or a file or folder below a watched one that is opened for
writing, renamed, made or removed. A process that is killed before its n-th side effect has done the n - 1 before
it, and nothing after.
"""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
)
_ENDS = ("COMMIT", "END")


class SideEffects:
    """Counts side effects from `watch` on; before the one that is `deadly` the process kills itself."""

    def __init__(self, folder: Path, deadly: int | None) -> None:
        self.folder = str(folder)
        self.deadly = deadly
        self.names: list[str] = []
        self._numbers = itertools.count(1)

    def watch(self) -> None:
        """Begin to count; there is no way back for this process."""
        sys.addaudithook(self._audited)
        for module in (sqlite3, sqlite3.dbapi2):
            module.connect = self._tracing(module.connect)  # type: ignore[assignment]

    def _tracing(self, connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
        def connect_and_trace(*arguments: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **options)
            connection.set_trace_callback(self._said)
            return connection

        return connect_and_trace

    def _said(self, statement: str) -> None:
        if statement.upper().startswith(_ENDS):
            self._count(statement)

    def _audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
        idle = event == "os.mkdir" and os.path.exists(arguments[0])  # noqa: PTH110 - may be bytes or a number
        if (writes or (event in _CHANGES and not idle)) and self._is_watched(arguments[0]):
            self._count(f"{event} {Path(os.fsdecode(arguments[0])).name}")

    def _is_watched(self, path: object) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(self.folder)

    def _count(self, name: str) -> None:
        self.names.append(name)
        if next(self._numbers) == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
