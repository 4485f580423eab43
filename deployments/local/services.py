"""Start servers on loopback, wait until they answer, and stop them together."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from forecasting.errors import ServiceFailed
from forecasting.settings import PROJECT

LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - told apart, not bound
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Service:
    """A server process.

    Attributes
    ----------
    name
        What a person calls it.
    command
        Program and arguments.
    log_file
        Where its output goes.
    ready_url
        Answers 200 once it serves; None for a process without a port.
    start_seconds
        How long it may take to answer.
    environment
        Variables besides those of this process; what no list of processes shall show goes here.
    """

    name: str
    command: tuple[str, ...]
    log_file: Path
    ready_url: str | None = None
    start_seconds: float = 120.0
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Running:
    """A started service, and when it began on the monotonic clock; `stop` ends it and waits until it is gone."""

    service: Service
    process: subprocess.Popen[bytes]
    stopped: bool = field(default=False)
    began: float = field(default_factory=time.monotonic)

    def stop(self) -> None:
        """Close the keeper's pipe, which ends the service and everything that it started."""
        if not self.stopped and self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
            self.process.wait()
            self.stopped = True

    def wait_until_ready(self) -> None:
        """Return once the service answers.

        Raises
        ------
        ServiceFailed
            It ended by itself or does not answer in time; the message names its log.
        """
        deadline = time.monotonic() + self.service.start_seconds
        while not (self.service.ready_url is None or answers(self.service.ready_url)):
            if self.ended:
                raise ServiceFailed(f"{self.service.name} ended while starting: {self.last_words()}")
            if time.monotonic() > deadline:
                raise ServiceFailed(
                    f"{self.service.name} did not answer within {self.service.start_seconds:.0f} s: "
                    f"see {self.service.log_file}"
                )
            time.sleep(POLL_SECONDS)

    @property
    def ended(self) -> bool:
        """Whether it is gone, by itself or stopped."""
        return self.process.poll() is not None

    def last_words(self) -> str:
        """Return the last line of the log, and where the log is."""
        lines = self.service.log_file.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1].strip() if lines else 'no output'} (see {self.service.log_file})"


def answers(url: str) -> bool:
    """Whether a GET of the address is answered with 200."""
    try:
        return httpx.get(url, timeout=5.0).status_code == httpx.codes.OK
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def python_module(*arguments: str) -> tuple[str, ...]:
    """Command that runs a Python module in this environment."""
    return (sys.executable, "-m", *arguments)


def start(service: Service) -> Running:
    """Start a service under a keeper, its output in its log file; it may not be ready yet."""
    service.log_file.parent.mkdir(parents=True, exist_ok=True)
    command = python_module("deployments.local.keeper", "--", *service.command)
    with service.log_file.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**os.environ, **service.environment},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(service, process)


@contextlib.contextmanager
def running(service: Service, while_starting: Callable[[], object] | None = None) -> Iterator[Running]:
    """Run a service for the length of a block; `while_starting` is work to do until it answers."""
    started = start(service)
    try:
        if while_starting is not None:
            while_starting()
        started.wait_until_ready()
        yield started
    finally:
        started.stop()


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def web_address(host: str, port: int) -> str:
    """Where a server that is bound to a host is asked from its own machine.

    Examples
    --------
    >>> web_address("127.0.0.1", 8000), web_address("0.0.0.0", 8000), web_address("fd00::5", 8000)
    ('http://127.0.0.1:8000', 'http://127.0.0.1:8000', 'http://[fd00::5]:8000')
    """
    if host in EVERYWHERE:
        host = LOOPBACK
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def require_free_port(port: int, name: str, variable: str) -> None:
    """Refuse to start where somebody else listens.

    Raises
    ------
    ServiceFailed
        Names the port, what wanted it and the variable that moves it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise ServiceFailed(
                f"port {port} is taken, and {name} needs it: stop what listens there, or name another in {variable}"
            ) from None
