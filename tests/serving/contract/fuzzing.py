"""Schemathesis driven from here: what it is told of the world, what it sends, and what came of it."""

import contextlib
import logging
import os
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pytest
import schemathesis
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.openapi.checks import RejectedPositiveData

BASE_URL = "http://127.0.0.1"
SEED = int(os.environ.get("FORETICK_CONTRACT_SEED", "6"))
PATIENCE_SECONDS = 60
# Which of the words that the world knows stand for which parameter, most of the time.
KNOWN = {
    "query.symbol": "symbols",
    "query.symbols": "symbol lists",
    "query.horizon": "horizons",
    "query.steps": "steps",
    "query.timestamp": "moments",
    "query.before": "moments",
    "query.to": "moments",
    "query.interval": "intervals",
    "query.horizon_minutes": "minutes",
    "body.symbol": "symbols",
    "body.symbols[*]": "symbols",
    "body.horizon": "horizons",
    "body.horizons[*]": "horizons",
    "body.timestamp": "moments",
    "body.events[*].time": "moments",
    "path.model_id": "models",
    "path.job_id": "jobs",
    "path.run_id": "runs",
    "path.decision_id": "decisions",
    "header.if-match": "tags",
}
# What is valid by its schema and refused by its meaning, which no schema can say, and by which words.
MEANT = {
    "POST /api/forecast": "timestamp lies in the future",
    "GET /api/forecast/coherent": "timestamp lies in the future|steps ",
    "GET /api/candles": "to is not after from",
    "POST /api/events": (
        "covers must (end after it begins|hold every event)|the request body has more than"
        "|events must say who published them"
    ),
    "POST /api/models/retrain/bulk": "symbols and horizons make",
    "POST /api/models/retrain": "the idempotency key came with another request",
    "POST /api/models/{model_id}/promote": "the idempotency key came with another request",
    "PUT /api/settings/models": (
        r"overrides (cannot be used|of (1m|1h|1d|7d|30d): (retrain_cron must be a schedule|members must begin))"
        "|reason must say why"
    ),
    "POST /api/settings/models/undo": "to_version (must be one that was written|cannot be used)|reason must say why",
}
# Another changed what was read: 412, and 428 where nobody says what was read.
PRECONDITIONS = ["412", "428"]
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "415", "422", "429", *PRECONDITIONS]


@dataclass(slots=True)
class Tally:
    """What was sent, and what came of it.

    Attributes
    ----------
    statuses
        How often each operation, as in `GET /livez`, answered each status.
    phases, checks
        How many cases of each phase were sent, and how often each check was made.
    of_models
        How many answers of each operation a model gave.
    seconds, slowest
        Time to all answers of each operation, and to the slowest, seconds.
    failures
        What failed, in words, with one example of each kind.
    """

    statuses: Counter = field(default_factory=Counter)
    phases: Counter = field(default_factory=Counter)
    checks: Counter = field(default_factory=Counter)
    of_models: Counter = field(default_factory=Counter)
    seconds: Counter = field(default_factory=Counter)
    slowest: dict = field(default_factory=lambda: defaultdict(float))
    failures: dict = field(default_factory=dict)

    @property
    def cases(self):
        """How many requests were answered."""
        return self.statuses.total()

    def answered(self, operation, low, high):
        """How many cases of an operation were answered with a status from `low` to below `high`."""
        return sum(
            count
            for (asked, status), count in self.statuses.items()
            if asked == operation and low <= status < high
        )

    def add(self, event):
        """Count what one scenario sent."""
        recorder = event.recorder
        for case_id, sent in recorder.interactions.items():
            operation = recorder.cases[case_id].value.operation.label
            if sent.response is None:
                self.failures.setdefault((operation, "no answer"), sent.request.uri)
                continue
            self.statuses[operation, sent.response.status_code] += 1
            self.phases[event.phase.value] += 1
            self.of_models[operation] += b'"model_type":"ml"' in sent.response.content
            self.seconds[operation] += sent.response.elapsed
            self.slowest[operation] = max(self.slowest[operation], sent.response.elapsed)
        for case_id, checks in recorder.checks.items():
            operation = recorder.cases[case_id].value.operation.label
            for each in checks:
                self.checks[each.name] += 1
                if each.failure_info is not None:
                    told = f"{each.failure_info.failure.message}\n{each.failure_info.code_sample}"
                    self.failures.setdefault((operation, each.name), told)


def is_a_fault(failure, case, response):
    """Whether a failed check is one of ours, and no refusal by meaning."""
    words = MEANT.get(case.operation.label)
    if words is None or not isinstance(failure, RejectedPositiveData):
        return True
    return response.status_code not in (413, 422) or re.match(words, response.json()["detail"]) is None


def config_of(words, cases, fewer, **more):
    """Return Schemathesis' settings: the words that the world knows, and how many cases of each operation to draw."""
    few = [
        {"include-name": name, "phases": {"fuzzing": {"generation": {"max-examples": count}}}}
        for name, count in fewer.items()
    ]
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "base-url": BASE_URL,
            "request-timeout": PATIENCE_SECONDS,
            "continue-on-failure": True,
            "generation": {
                "deterministic": True,
                "database": "none",
                "no-shrink": True,
                "with-security-parameters": False,
                "max-examples": cases,
            },
            "dictionaries": {name: {"values": values} for name, values in words.items()},
            "parameters": {key: {"dictionary": name, "probability": 0.7} for key, name in KNOWN.items()},
            "operations": few,
            "checks": {
                "positive_data_acceptance": {
                    "expected-statuses": ["2xx", "401", "403", "404", "409", "429", *PRECONDITIONS]
                },
                "negative_data_rejection": {"expected-statuses": REFUSED},
            },
            **more,
        }
    )


def operations_of(app):
    """All operations of the OpenAPI document of an app, as in `GET /livez`."""
    return [f"{method.upper()} {path}" for path, found in app.openapi()["paths"].items() for method in found]


@contextlib.contextmanager
def the_same_for_everybody():
    """Draw the same cases whatever ran before, and log nothing of each: what failed would not be found among them.

    Hypothesis draws constants of all code of ours that is loaded, which is more with each test that ran before.
    """
    known = providers.CONSTANTS_CACHE.cache
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", Constants)
        known.clear()
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
            known.clear()


def fuzz(app, document, config, after_change=lambda: None):
    """Ask a started app all that its OpenAPI document allows, and what it does not; what came of it."""
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.app = app
    tally = Tally()

    @schema.hook
    def filter_failure(context, failure, case, response):
        return is_a_fault(failure, case, response)

    @schema.hook
    def after_call(context, case, response):
        if case.method.upper() != "GET" and response.status_code < 300:
            after_change()

    with the_same_for_everybody():
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                tally.add(event)
            elif isinstance(event, events.NonFatalError):
                tally.failures.setdefault((event.label, type(event.value).__name__), str(event.value))
            elif isinstance(event, events.FatalError):
                raise event.exception
    return tally
