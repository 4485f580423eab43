"""Callers that ask a server process over and over, and count what they got."""

import http.client
import json
import os
import statistics
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson

from deployments.local.services import LOOPBACK, Service, python_module, running

STARTED_SECONDS = 90.0
PROCESS = "tests.serving.server_process"
# The whole length that is demanded is a minute; the suite takes a part of it.
SECONDS = float(os.environ.get("FORETICK_LOAD_SECONDS", "8"))


@dataclass
class Answers:
    """What callers got: statuses, what was broken off, seconds of each, and each different forecast."""

    statuses: Counter = field(default_factory=Counter)
    broken: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    forecasts: Counter = field(default_factory=Counter)
    reasons: Counter = field(default_factory=Counter)
    ids: list = field(default_factory=list)
    sizes: int = 0

    @property
    def slowest(self):
        return max(self.seconds)

    @property
    def median(self):
        return statistics.median(self.seconds)


class Callers:
    """Threads that each ask one question after the other; None is asked with GET."""

    def __init__(self, port, question, count=4, *, path="/api/forecast", keep=True, headers=None, rest=0.0):
        self.port, self.body = port, None if question is None else json.dumps(question).encode()
        self.method, self.path, self.rest = "GET" if question is None else "POST", path, rest
        self.keep, self.headers = keep, {"Content-Type": "application/json", **(headers or {})}
        self.answers, self.lock = Answers(), threading.Lock()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.ask, daemon=True) for _ in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)

    def ask(self):
        connection = None
        while not self.stopping.is_set():
            begin = time.monotonic()
            sent = False
            try:
                if connection is None:
                    connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=60)
                    connection.connect()
                connection.request(self.method, self.path, self.body, self.headers)
                sent = True
                answer = connection.getresponse()
                self.note(answer.status, answer.read(), time.monotonic() - begin)
                if not self.keep or answer.will_close:
                    connection.close()
                    connection = None
                if self.rest:
                    self.stopping.wait(self.rest)
            except (OSError, http.client.HTTPException) as error:
                connection = self.broken_off(error, connection, sent)

    def broken_off(self, error, connection, sent):
        refused = isinstance(error, ConnectionRefusedError)
        with self.lock:
            if not refused:
                self.answers.broken.append((sent, repr(error)))
        if connection is not None:
            connection.close()
        self.stopping.wait(0.02)

    def note(self, status, body, seconds):
        with self.lock:
            found = self.answers
            found.statuses[status] += 1
            found.seconds.append(seconds)
            found.sizes = max(found.sizes, len(body))
            told = orjson.loads(body)
            if status == http.client.OK and "forecast_id" in told:
                found.ids.append(told["forecast_id"])
                numbers = tuple(told[name] for name in ("pred_return", "conf", "p_up"))
                found.forecasts[(told["model_id"], told["model_version"], *numbers)] += 1
                found.reasons[told["fallback_reason"]] += 1


@contextmanager
def server(port, log_file, environment=None):
    """The API in a process of its own that looks at its store ten times a second."""
    address = f"http://{LOOPBACK}:{port}/livez"
    service = Service(
        "API", python_module(PROCESS, str(port)), log_file, address, STARTED_SECONDS, environment or {}
    )
    with running(service) as started:
        yield started
