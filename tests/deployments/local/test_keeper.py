"""A kept command ends, with all that it started, as soon as nobody needs it any more."""

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

WAIT = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
# A command whose child has moved into a session of its own, as Prefect's flow runs do.
TREE = f"""
import os, signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", {WAIT!r}], start_new_session=True)
print(os.getpid(), flush=True)
signal.pause()
"""
STUBBORN = "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAIT
USER = """
import signal, subprocess, sys
keeper = [sys.executable, "-m", "deployments.local.keeper", "--", sys.executable, "-c", sys.argv[1]]
print(subprocess.Popen(keeper, stdin=subprocess.PIPE, start_new_session=True).pid, flush=True)
signal.pause()
"""
HASTY = (
    "from deployments.local import keeper; import sys; keeper.GRACE_SECONDS = 0.2; keeper.keep(sys.argv[1:])"
)


@contextlib.contextmanager
def kept(code, processes):
    """A user whose keeper runs the code; the user, the keeper's id, and the ids that the code prints."""
    command = [sys.executable, "-c", USER, code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as user:
        try:
            keeper, *others = [int(user.stdout.readline()) for _ in range(1 + processes)]
            yield user, keeper, others
        finally:
            user.kill()


def ended(pids, seconds=20):
    """Whether all processes are gone in time; the system says so, nobody polls."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            if not select.select([handle], [], [], seconds)[0]:
                return False
            os.close(handle)
    return True


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_however_the_user_ends_nothing_of_the_tree_is_left(number):
    with kept(TREE, 2) as (user, keeper, others):
        user.send_signal(number)
        assert ended([keeper, *others])


def test_sigterm_ends_the_tree_while_the_user_lives():
    with kept(TREE, 2) as (user, keeper, others):
        os.kill(keeper, signal.SIGTERM)
        assert ended([keeper, *others])
        assert user.poll() is None


def test_when_the_command_ends_what_it_started_ends_too():
    with kept(TREE, 2) as (_user, keeper, others):
        command = next(pid for pid in others if parent_of(pid) == keeper)
        os.kill(command, signal.SIGKILL)
        assert ended([keeper, *others])


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_ctrl_c_in_the_terminal_is_left_to_the_user():
    with kept(TREE, 2) as (_user, keeper, others):
        os.kill(keeper, signal.SIGINT)
        os.kill(keeper, signal.SIGHUP)
        assert not ended([keeper], seconds=0.3)
        assert all(parent_of(pid) for pid in others)


def test_a_command_that_ignores_sigterm_is_killed_after_the_grace_period():
    command = [sys.executable, "-c", HASTY, sys.executable, "-c", STUBBORN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as keeper:
        stubborn = int(keeper.stdout.readline())
        keeper.stdin.close()
        assert ended([stubborn])
        keeper.wait(20)


def test_a_command_is_started_with_the_usual_sigint():
    code = (
        "import signal; raise SystemExit(signal.getsignal(signal.SIGINT) is not signal.default_int_handler)"
    )
    assert keep_to_the_end(code) == 0


@pytest.mark.parametrize(
    ("code", "expected"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_the_exit_code_of_the_command_is_handed_on(code, expected):
    assert keep_to_the_end(code) == expected


def keep_to_the_end(code):
    command = [sys.executable, "-m", "deployments.local.keeper", "--", sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as keeper:
        return keeper.wait(20)
