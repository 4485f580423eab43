"""Run a command, and end it with everything it started as soon as the process that asked for it is gone.

`python -m deployments.local.keeper -- COMMAND ...`, started with a pipe on standard input. The pipe closes when
the other side exits, is interrupted or is killed with SIGKILL, so no server ever outlives its user. On Linux the
keeper also adopts orphans of the command (a process that moved into a group of its own is found all the same).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

GRACE_SECONDS = 8.0
_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Ask Linux to make this process the parent of orphaned descendants; elsewhere nothing happens."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(pid: int) -> list[int]:
    """Process ids below `pid`, nearest first, as /proc shows them; none where there is no /proc."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for children in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                below = [int(word) for word in children.read_text().split()]
                found += below
                waiting += below
    return found


def signal_all(group: int, number: signal.Signals) -> None:
    """Send a signal to the command's process group and to every descendant of this process."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
    for pid in descendants(os.getpid()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask the command to stop; after the grace period kill what is left of it."""
    signal_all(child.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_SECONDS)
    signal_all(child.pid, signal.SIGKILL)
    child.wait()


def keep(command: list[str]) -> int:
    """Run the command until it ends or standard input closes; its exit code."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C goes to whoever started us: the closed pipe tells us
    adopt_orphans()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        end(child)

    signal.signal(signal.SIGTERM, lambda *_: end(child))
    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    signal_all(child.pid, signal.SIGKILL)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(keep(sys.argv[sys.argv.index("--") + 1 :]))
