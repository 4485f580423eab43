"""Load on a server: requests at a fixed rate, each measured from the moment it was due, or as many as wrk gets through."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

CONNECTIONS = 16
JSON = {"Content-Type": "application/json"}
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is sent again and again."""

    port: int
    path: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Paced:
    """Milliseconds from when each request was due until its whole answer was there, and how many were not 200."""

    milliseconds: tuple[float, ...]
    failed: int

    def quantile(self, share: float) -> float:
        """Milliseconds that this share of the requests stayed under."""
        return float(np.quantile(self.milliseconds, share))


def paced(request: Request, per_second: float, seconds: float) -> Paced:
    """Send at a fixed rate over one connection; an answer that comes late makes the next ones late, and is counted so.

    What is sent is made beforehand and no HTTP library reads what comes: that of Python alone takes as long as a quick answer.
    """
    sent, taken, failed = _written(request), [], 0
    with socket.create_connection(("127.0.0.1", request.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin = time.perf_counter() + 0.1
        for number in range(int(per_second * seconds)):
            due = begin + number / per_second
            while (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            connection.sendall(sent)
            failed += not _whole_answer(connection).startswith(b"HTTP/1.1 200 ")
            taken.append(1000 * (time.perf_counter() - due))
    return Paced(tuple(taken), failed)


def _written(request: Request) -> bytes:
    headers = {"Host": f"127.0.0.1:{request.port}", "Content-Length": len(request.body), **request.headers}
    lines = [f"POST {request.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + request.body


def _whole_answer(connection: socket.socket) -> bytes:
    """Read one answer, as long as its Content-Length says."""
    answer = b""
    while True:
        answer += (read := connection.recv(65_536))
        head, ended, body = answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not read or (ended and length is None):
            raise RuntimeError(f"the server broke an answer off, or did not say its length: {answer[:300]!r}")
        if length is not None and ended and len(body) >= int(length[1]):
            return answer


@dataclass(frozen=True, slots=True)
class Throughput:
    """What wrk got through."""

    per_second: float
    failed: int


def most(request: Request, seconds: int, connections: int = CONNECTIONS) -> Throughput:
    """Send as fast as the answers come, over some connections, by wrk on the same machine.

    Raises
    ------
    RuntimeError
        wrk is not installed.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not on the path: install it (Debian, Ubuntu: apt-get install wrk)")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_lua(request))
        script.flush()
        address = f"http://127.0.0.1:{request.port}{request.path}"
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script.name, address]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return read_wrk(told)


def read_wrk(told: str) -> Throughput:
    """Read what wrk prints.

    Examples
    --------
    >>> read_wrk("Requests/sec:   2011.54").per_second
    2011.54
    """
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if rate is None:
        raise RuntimeError(f"wrk printed no rate: {told[-300:]}")
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    torn = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", told)
    failed = int(wrong[1]) if wrong else 0
    return Throughput(float(rate[1]), failed + (sum(map(int, torn.groups())) if torn else 0))


def _lua(request: Request) -> str:
    headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in request.headers.items())
    return f'wrk.method = "POST"\nwrk.body = [==[{request.body.decode()}]==]\n{headers}\n'
