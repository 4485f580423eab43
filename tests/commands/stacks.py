"""A `foretick up` of a test's own, and what its Prefect, its processes and its database say."""

import contextlib
import os
import select
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deployments.local.services import LOOPBACK, free_port

UP = [sys.executable, "-m", "commands.app", "up"]
FAR = "2099-01-01T00:00:00Z"
LISTENS = "0A"
TERMINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass
class Stack:
    """A `foretick up` in an empty home of its own, whose user owns an empty home folder too."""

    folder: Path
    settings: dict = field(default_factory=dict)
    ports: dict = field(default_factory=lambda: {name: free_port() for name in ("PREFECT", "MLFLOW", "API")})

    @property
    def environment(self):
        mine = {
            "HOME": str(self.folder / "user"),
            "FORETICK_HOME": str(self.folder / "home"),
            "FORETICK_MLRUNS": str(self.folder / "mlruns"),
            **{f"FORETICK_{name}_PORT": str(port) for name, port in self.ports.items()},
            **self.settings,
        }
        unwanted = ("PREFECT_API_URL", "MLFLOW_TRACKING_URI", "MONGO_URI", "FORETICK_HORIZONS")
        return {**{name: value for name, value in os.environ.items() if name not in unwanted}, **mine}

    @property
    def prefect(self):
        """A connection for each request: a kept one may be closed by the server while it is being used."""
        address = f"http://{LOOPBACK}:{self.ports['PREFECT']}/api"
        return httpx.Client(base_url=address, timeout=30, limits=httpx.Limits(max_keepalive_connections=0))

    @contextlib.contextmanager
    def up(self, *options):
        """Run it with its errors in a file; whatever the test does, it is stopped in the end."""
        with (self.folder / "stderr").open("w") as errors:
            process = subprocess.Popen(
                [*UP, *options], env=self.environment, stdout=subprocess.PIPE, stderr=errors, text=True
            )
            with process:
                try:
                    yield process
                finally:
                    process.terminate()

    def once(self):
        """Run it to its end, beside what is there."""
        return subprocess.run(
            UP, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )

    def database(self, statement, *values):
        with (
            contextlib.closing(sqlite3.connect(self.folder / "home/prefect/prefect.db")) as connection,
            connection,
        ):
            return connection.execute(statement, values).fetchall()


def read_until(stream, last_line):
    """Lines up to the one that begins so, as fast as they come."""
    lines = []
    for line in stream:
        lines.append(line.rstrip())
        if line.startswith(last_line):
            return lines
    raise AssertionError(f"the output ended before {last_line!r}: {lines}")


def all_gone(pids, seconds=30):
    deadline = time.monotonic() + seconds
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            if not select.select([handle], [], [], max(0, deadline - time.monotonic()))[0]:
                return False
            os.close(handle)
    return True


def listening_hosts(pids):
    """Hexadecimal addresses that any of the processes listens on, as /proc shows them."""
    sockets = set()
    for pid in pids:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                sockets.add(str(handle.readlink()))
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table]
    return {row[1].partition(":")[0] for row in rows if row[3] == LISTENS and f"socket:[{row[9]}]" in sockets}


def deployments_of(prefect):
    return post(prefect, "/deployments/filter", {})


def start_run(prefect, name, state):
    found = next(each for each in deployments_of(prefect) if each["name"] == name)
    return post(prefect, f"/deployments/{found['id']}/create_flow_run", {"state": state})["id"]


def post(prefect, path, content, seconds=30):
    """Ask again while Prefect's database is busy, as Prefect's own client does."""
    deadline = time.monotonic() + seconds
    while (answer := prefect.post(path, json=content)).status_code == httpx.codes.SERVICE_UNAVAILABLE:
        assert time.monotonic() < deadline, "Prefect's database stays busy"
    return answer.raise_for_status().json()


def state_of(prefect, run):
    return prefect.get(f"/flow_runs/{run}").raise_for_status().json()["state"]


def ended_state(prefect, run, seconds=60):
    deadline = time.monotonic() + seconds
    while (state := state_of(prefect, run))["type"] not in TERMINAL:
        assert time.monotonic() < deadline, state
    return state


def whole_log(prefect, run, seconds=30):
    """Messages of an ended run, once the last one has arrived."""
    deadline = time.monotonic() + seconds
    which = {"logs": {"flow_run_id": {"any_": [run]}}, "sort": "TIMESTAMP_ASC"}
    while True:
        messages = [each["message"] for each in post(prefect, "/logs/filter", which)]
        if any(message.startswith("Finished in state Failed") for message in messages):
            return messages
        assert time.monotonic() < deadline, messages
