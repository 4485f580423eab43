"""Run a command, and end it with everything it started as soon as the process that asked for it is gone.

`python -m deployments.local.keeper -- COMMAND ...`, started with a pipe on standard input. The pipe closes when
the other side exits, is interrupted or is killed with SIGKILL, so no server ever outlives its user. On Linux the
keeper also adopts orphans of the command (a process that moved into a group of its own is found all the same).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 8.0
POLL_SECONDS = 0.05
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
    """Send a signal once to each process of the command's group and to every other descendant of this process.

    A second SIGTERM tells Prefect's worker and server to kill themselves, so nobody gets two.
    """
    others = [pid for pid in descendants(os.getpid()) if _group_of(pid) not in (group, None)]
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
    for pid in others:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def end(child: subprocess.Popen[bytes]) -> None:
    """Ask the command and all that it started to stop; after the grace period kill what is left."""
    signal_all(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    signal_all(child.pid, signal.SIGKILL)
    child.wait()


def is_alive(child: subprocess.Popen[bytes]) -> bool:
    """Whether the command or anything below this process still runs."""
    if child.poll() is None:
        return True
    for pid in descendants(os.getpid()):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)  # an orphan that was adopted and has ended
    return bool(descendants(os.getpid()))


def keep(command: list[str]) -> int:
    """Run the command until it ends, SIGTERM comes or standard input closes; its exit code."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    # Ctrl-C is for whoever started us: the closed pipe tells us. Not SIG_IGN, which the command would inherit.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, _disregard)
    adopt_orphans()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    while child.poll() is None:
        ready, _, _ = select.select([sys.stdin, woken], [], [])
        if woken in ready and signal.SIGTERM in os.read(woken, 4096):
            break
        if sys.stdin in ready and not os.read(sys.stdin.fileno(), 4096):
            break
    end(child)
    code = child.returncode
    return code if code >= 0 else 128 - code


def _disregard(_number: int, _frame: FrameType | None) -> None:
    """Do nothing; unlike SIG_IGN a handler is not inherited."""


if __name__ == "__main__":
    sys.exit(keep(sys.argv[sys.argv.index("--") + 1 :]))
