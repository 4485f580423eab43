"""A model that raises, hangs or gives no number, in a real server that is asked over HTTP: naive answers, and in time.

In time is the promise of 200 ms from the request to its answer, at the caller.
"""

import statistics
import time
from itertools import product
from pathlib import Path

import httpx
import pytest

from deployments.local.keeper import descendants
from deployments.local.services import LOOPBACK
from serving.answers.breakers import LATE
from serving.answers.deadline import AT_ONCE, HUNG_SECONDS
from tests.serving.load import Callers, server

PROMISED_SECONDS = 0.2
ROUNDS = 3
WAITED_FOR = ("hang", "spin")
CALLERS = 8
POOL = 40  # threads in which requests are computed
FRESH = {"Cache-Control": "no-cache"}
NO_NUMBER = "gave a forecast that is not finite"
REASONS = {
    "raise": "raised ZeroDivisionError",
    "exit": "raised DiedError",
    "hang": LATE,
    "spin": LATE,
    "nan": NO_NUMBER,
    "nan-members": NO_NUMBER,
}


class Asked:
    """A server, and how its three routes that forecast are asked without a cache."""

    def __init__(self, site, running):
        self.site, self.process = site, running.process
        self.client = httpx.Client(base_url=f"http://{LOOPBACK}:{site.port}", timeout=60, headers=FRESH)

    def single(self, **changes):
        return self.told(self.client.post("/api/forecast", json=self.site.question | changes))

    def batch(self):
        told = self.told(self.client.get("/api/forecast/batch?symbols=AAA/SIM,BBB/SIM&horizon=1h"))
        assert told["failed"] == 0
        return told["items"][0]["forecast"]

    def asset(self):
        asked = "/forecast/asset?symbol=AAA-SIM&horizon_minutes=60&lookback_days=30"
        return self.told(self.client.get(asked))

    def told(self, answer):
        assert answer.status_code == 200, answer.text
        self.seconds = answer.elapsed.total_seconds()
        return answer.json()

    def plant(self, word):
        self.site.fault.write_text(word)

    def threads(self):
        """Threads of the server's process."""
        every = [len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in descendants(self.process.pid)]
        return max(every)


@pytest.fixture
def asked(site):
    with server(site.port, site.log, site.environment) as running:
        yield Asked(site, running)
        site.fault.write_text("")


ROUTES = {"single": Asked.single, "batch": Asked.batch, "asset": Asked.asset}


@pytest.mark.parametrize(
    "faults",
    [("raise", "nan-members", "nan"), ("exit", "hang", "spin")],
    ids=["gives nothing to use", "never gives anything"],
)
def test_naive_answers_for_a_model_that_fails_in_time_and_says_why(asked, faults):
    for ask in ROUTES.values():
        while (told := ask(asked))["model_type"] != "ml":
            assert told["fallback_reason"].startswith(LATE)  # on a busy machine the first may be late
    for fault, (name, ask) in product(faults, ROUTES.items()):
        took = []
        for _ in range(ROUNDS):
            asked.plant(fault)
            told = ask(asked)
            took.append(asked.seconds)
            asked.plant("")
            assert (told["model_type"], REASONS[fault] in told["fallback_reason"]) == ("naive", True), told
            while LATE in str(ask(asked)["fallback_reason"]):  # until what hung has ended
                pass
            if fault not in WAITED_FOR:
                break
        assert statistics.median(took) < PROMISED_SECONDS, (fault, name, took)


@pytest.mark.parametrize("fault", WAITED_FOR)
def test_a_model_that_hangs_for_ever_takes_few_threads_and_delays_nobody(asked, fault):
    """Of 200 ms nothing is said here: callers and server share two cores with a model that keeps one busy."""
    untrained = {**asked.site.question, "symbol": "CCC/SIM"}
    assert asked.single()["model_type"] == "ml"
    before = asked.threads()
    asked.plant(fault)
    with (
        Callers(asked.site.port, asked.site.question, CALLERS, headers=FRESH) as callers,
        Callers(asked.site.port, untrained, 1) as cached,
    ):
        time.sleep(HUNG_SECONDS + 1)
        threads = asked.threads()
    for each in (callers, cached):
        assert each.answers.statuses.keys() == {200}
        assert not each.answers.broken
    assert all(reason.startswith((LATE, "breaker failing")) for reason in callers.answers.reasons)
    assert cached.answers.median < PROMISED_SECONDS
    assert threads - before <= AT_ONCE + POOL
