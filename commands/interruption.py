"""Ctrl-C that cannot get lost: libraries swallow a KeyboardInterrupt now and then, so it is kept in mind.

Prefect does so while a flow ends. The next step that a flow or task reports raises it again.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

_asked = threading.Event()


def remember_interrupts() -> None:
    """Handle SIGINT in this process from now on, which has to be its main thread."""
    _asked.clear()
    signal.signal(signal.SIGINT, _interrupt)


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt in the main thread if one was asked for and got lost; once."""
    if _asked.is_set() and threading.current_thread() is threading.main_thread():
        _asked.clear()
        raise KeyboardInterrupt


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt
