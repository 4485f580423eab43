"""A short-lived process of our own that answers one line of JSON, and how it failed when it did not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from forecasting.errors import MachineError

MOST_ANSWER_BYTES = 65_536
# What people and supervisors end programs with, and a terminal's Ctrl-C all of a group.
_TOLD_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class ChildAnswer:
    """What a process said before it ended.

    Attributes
    ----------
    said
        The JSON object that it wrote; empty where it wrote none.
    failure
        How it failed, as in `was ended by SIGSEGV`; empty when it ended well.
    told_to_end
        Whether somebody ended it as programs are ended that did nothing wrong: it failed at nothing.
    """

    said: Mapping[str, Any]
    failure: str
    told_to_end: bool = False


def ask_child(
    module: str,
    words: Sequence[str],
    *,
    environment: Mapping[str, str],
    seconds: float,
    purpose: str,
    told: str = "",
) -> ChildAnswer:
    """Run a module in a process of its own to its end.

    Parameters
    ----------
    module, words
        What runs, and its arguments, which every user of the machine can see.
    environment
        All that it gets of one.
    seconds
        Time until it is ended.
    purpose
        What cannot be done where no process starts, as in `to try the bundle in`.
    told
        Its standard input, for what nobody else should see.

    Raises
    ------
    MachineError
        No process could be started.
    """
    command = [sys.executable, "-I", "-W", "ignore", "-m", module, *words]
    with tempfile.TemporaryFile() as answer:
        failure, code = _run(command, dict(environment), seconds, purpose, told, answer)
        answer.seek(0)
        return ChildAnswer(_document(answer.read(MOST_ANSWER_BYTES)), failure, -code in _TOLD_TO_END)


def _run(
    command: list[str],
    environment: dict[str, str],
    seconds: float,
    purpose: str,
    told: str,
    answer: IO[bytes],
) -> tuple[str, int]:
    try:
        done = subprocess.run(
            command,
            input=told.encode(),
            stdout=answer,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {seconds:g} s", 0
    except OSError as error:
        raise MachineError(
            f"no process can be started {purpose} ({error.strerror or error}): "
            f"end some programs, and run it again"
        ) from error
    return _failure(done.returncode), done.returncode


def _failure(code: int) -> str:
    if code < 0:
        return f"was ended by {_signal(-code)}"
    return f"ended with code {code}" if code else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _document(answer: bytes) -> dict[str, Any]:
    try:
        said = json.loads(answer)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
