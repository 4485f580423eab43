"""An installation with something to show at every route, and stand-ins for the processes beside the server."""

import contextlib
import json
import uuid
from dataclasses import replace

import httpx

from forecasting.adapters import workspace
from forecasting.adapters.jobs import Job, JobBook, RunState
from forecasting.adapters.model_cards import sync_cards
from forecasting.adapters.news import delivering, delivery_intake, delivery_process
from forecasting.adapters.promotion import governing, governing_process, tried, verification
from forecasting.adapters.promotion.child import ChildAnswer
from forecasting.adapters.promotion.fetching_process import fetch_here
from forecasting.adapters.promotion.pointer import move_pointer, read_pointer
from forecasting.adapters.promotion.sandbox import load_in_sandbox
from forecasting.adapters.store.alerts import Alert, AlertBook
from forecasting.adapters.store.breaker_book import BreakerBook, Watched
from forecasting.adapters.store.decision_log import DecisionLog
from forecasting.adapters.store.run_log import RunLog
from forecasting.adapters.store.settings_book import SettingsBook
from forecasting.adapters.store.watch_book import WatchBook
from forecasting.monitoring.trip import STALE, Trip
from serving.in_use import loading
from serving.jobs.orchestrator import Orchestrator
from serving.routes import events
from serving.web.versions import tag
from tests.forecasting.adapters.store.test_run_log import RUN
from tests.serving.placing import place
from tests.serving.routes.test_decisions import decision

MODEL = "forecast-1h"
MOMENT = "2021-03-01T00:00:00Z"
JOB_ID = "0b5a3c0de1f94a6f8f0a1f6f6a7d2c11"


def words_of(versions):
    """Words that a furnished installation knows, and some that it does not, by what they stand for."""
    return {
        "symbols": ["AAA/SIM", "BBB-SIM", "CCC/SIM"],
        "symbol lists": ["AAA/SIM", "aaa-sim,CCC/SIM,NO/MARKET"],
        "horizons": ["1h", "1d"],
        "steps": ["1h"],
        "moments": [MOMENT, "2021-02-20T11:30:00.123456+01:00"],
        "intervals": ["1h", "4h"],
        "minutes": [60, 120, 300, 960, 1440, 7200],
        "models": [*(version.model_id for version in versions), "1h-nobody", "1h-000000000000"],
        "jobs": [JOB_ID, "nobody"],
        "runs": [RUN.run_id, "nobody"],
        "decisions": [decision(1000)["_id"], "nobody"],
        # Whatever version the settings are at, one of these names it.
        "tags": ["".join(map(tag, some)) for some in (range(50), range(50, 98), range(98, 138))],
    }


def furnish(settings, versions):
    """Write into the store something that every route can show; two versions served, the second of them does."""
    with workspace.open_workspace(settings) as installation:
        store = installation.store
        sync_cards(installation, MODEL)
        for version in versions:
            place(store, version)
        serving = versions[-1]
        for document in (decision(1000), decision(3000, "promote"), decision(2001, horizon="1d")):
            DecisionLog(store).write(document)
        RunLog(store).write([RUN])
        AlertBook(store).keep(Alert("an id", "revision", 5, {"rows": 3}))
        found = {"model_name": MODEL, "versions": [{"role": "production", "model_id": serving.model_id}]}
        WatchBook(store).keep(found, 5)
        watched = Watched(MODEL, serving.model_id, serving.digest)
        BreakerBook(store).open(watched, Trip(STALE, "its candles are old", 7, "CCC/SIM"))
        JobBook(store).open(_job())
        SettingsBook(store).write({"1h": {"train_window_days": 300}}, 0, "jan", "a reason", 9)


def _job():
    ended = RunState("completed", 9, str(uuid.UUID(int=1)), None, 8, 9)
    parameters = {"horizon": "1h"}
    return Job(JOB_ID, uuid.UUID(int=2).hex, "retrain", "train-horizon/train-1h", parameters, "jan", 7, ended)


@contextlib.contextmanager
def kept_up(settings):
    """Give a call that puts back what changes took away, so that what is asked after them finds models that answer."""
    with workspace.open_workspace(settings) as installation:
        store = installation.store
        book, first = SettingsBook(store), read_pointer(store, MODEL)

        def put_back():
            now, stored = read_pointer(store, MODEL), book.current()
            if now.production is None or now.previous is None or now.deprecated:
                move_pointer(store, now, replace(first, epoch=now.epoch + 1, fence=now.fence))
            if any("threshold" in fields for fields in stored.overrides.values()):
                book.write({}, stored.version, "jan", "it asks another question", 9)

        yield put_back


class AnsweringPrefect(Orchestrator):
    """A Prefect that has every deployment and whose runs are over as soon as one asks; it answers as its REST API does."""

    def _answer(self, method, path, content):
        run = {"id": str(uuid.uuid4()), "state_type": "COMPLETED", "start_time": MOMENT, "end_time": MOMENT}
        if path == "/flow_runs/filter":
            keys = content["flow_runs"]["idempotency_key"]["any_"]
            return httpx.Response(200, json=[run | {"idempotency_key": key} for key in keys])
        if path.endswith("/create_flow_run"):
            return httpx.Response(201, json=run)
        if method == "PATCH":
            return httpx.Response(204)
        return httpx.Response(200, json={"id": str(uuid.UUID(int=3)), "schedules": []})


def answer_here(patch):
    """Let what a process of its own answers be answered here, through the same JSON: a process costs seconds."""

    def deliver(request, **_):
        told = delivering.DeliveryRequest.from_json(request.to_json())
        return delivering._understood(_said(delivery_process.answer_of(told)))

    def govern(request, **_):
        told = governing.GoverningRequest.from_json(request.to_json())
        return governing._understood(_said(governing_process.answer_of(told)))

    def load(folder, digest):
        return (
            loaded[digest] if digest in loaded else loaded.setdefault(digest, load_in_sandbox(folder, digest))
        )

    loaded = {}
    for module in (tried, verification):
        patch.setattr(module, "load_in_sandbox", load)
    patch.setattr(loading, "fetch_in_child", fetch_here)
    patch.setattr(events, "deliver_in_child", deliver)
    # The world's candles are simulated, which real events are not mixed with.
    patch.setattr(delivery_intake, "demand_one_world", lambda *_, **__: None)
    patch.setattr(governing, "govern_in_child", govern)


def _said(answer):
    return ChildAnswer(json.loads(json.dumps(answer)), "")
