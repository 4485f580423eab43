"""A stand-in for a MongoDB server, for tests and measurements only: it speaks the wire protocol, and keeps nothing.

`python -m deployments.local.stand_in_mongo -- COMMAND ...` runs a command with `MONGO_URI` naming a fresh server
and passes its exit code on. The server (nx-27017, a development dependency) listens on loopback without any
password, over a temporary folder that is removed with it, and ends when whoever started it ends, however that is.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from deployments.local.services import (
    LOOPBACK,
    POLL_SECONDS,
    Running,
    Service,
    free_port,
    python_module,
    running,
)
from forecasting.errors import ServiceFailed

START_SECONDS = 60.0
USAGE = "usage: python -m deployments.local.stand_in_mongo -- COMMAND [ARGUMENT ...]"


def service(port: int, folder: Path) -> Service:
    """Describe the server: its files stand in the folder, for its own defaults are shared by all users."""
    pid_file = folder / "server.pid"
    pid_file.unlink(missing_ok=True)  # left by a killed server, it would refuse the next one
    command = python_module(
        "deployments.local.stand_in_server", "--host", LOOPBACK, "--port", str(port), "--data-dir", str(folder / "data"),
        "--pid-file", str(pid_file), "--log-file", str(folder / "server.log"),
    )  # fmt: skip
    return Service("the stand-in for MongoDB", command, folder / "output.log")


@contextlib.contextmanager
def stand_in_mongo() -> Iterator[str]:
    """Run the server for the length of a block; its address.

    Raises
    ------
    ServiceFailed
        It ended by itself or does not answer in time.
    """
    with tempfile.TemporaryDirectory(prefix="foretick-mongo-", ignore_cleanup_errors=True) as name:
        port = free_port()
        with running(service(port, Path(name))) as started:
            _wait_until_it_listens(started, port)
            yield f"mongodb://{LOOPBACK}:{port}"


def _wait_until_it_listens(started: Running, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _listens(port):
        if started.ended:
            raise ServiceFailed(f"{started.service.name} ended while starting: {started.last_words()}")
        if time.monotonic() > deadline:
            raise ServiceFailed(f"{started.service.name} did not answer within {START_SECONDS:.0f} s")
        time.sleep(POLL_SECONDS)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1.0):
        return True
    return False


def main(arguments: list[str]) -> int:
    """Run the command after `--`; its exit code, 2 without a command, 1 when the server does not start."""
    command = arguments[1:] if arguments[:1] == ["--"] else []
    if not command:
        print(USAGE, file=sys.stderr)  # noqa: T201 - a command's own words
        return 2
    try:
        with stand_in_mongo() as uri:
            return subprocess.run(command, env={**os.environ, "MONGO_URI": uri}, check=False).returncode
    except (ServiceFailed, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
