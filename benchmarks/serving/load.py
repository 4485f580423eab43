"""Load on a server: requests at a fixed rate, each measured from the moment it was due, or as many as wrk gets through."""

from __future__ import annotations

import http.client
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

CONNECTIONS = 16
JSON = {"Content-Type": "application/json"}


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
    """Send at a fixed rate over one connection; an answer that comes late makes the next ones late, and is counted so."""
    connection = http.client.HTTPConnection("127.0.0.1", request.port, timeout=30)
    taken, failed, begin = [], 0, time.perf_counter() + 0.1
    for number in range(int(per_second * seconds)):
        due = begin + number / per_second
        while (wait := due - time.perf_counter()) > 0:
            time.sleep(wait)
        connection.request("POST", request.path, request.body, dict(request.headers))
        answer = connection.getresponse()
        answer.read()
        failed += answer.status != http.client.OK
        taken.append(1000 * (time.perf_counter() - due))
    connection.close()
    return Paced(tuple(taken), failed)


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
