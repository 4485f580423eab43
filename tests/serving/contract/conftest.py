"""The API fuzzed once, for all the tests that look at what came of it."""

import contextlib
import os
import shutil
import sys
import time
from types import SimpleNamespace

import pytest
from schemathesis.python import asgi

from forecasting.settings import load_settings
from forecasting.types import HOUR_MS
from serving.app import create_app
from tests.serving.contract.furnishing import AnsweringPrefect, answer_here, furnish, kept_up, words_of
from tests.serving.contract.fuzzing import config_of, fuzz, operations_of

SETTLED_SECONDS = 120.0
ENOUGH = 400
CASES = int(os.environ.get("FORETICK_CONTRACT_CASES", ENOUGH))
# Each of these takes tens of milliseconds: a bundle is verified, or a suite of expectations is run.
SLOW = {
    "POST /api/events": 8,
    "POST /api/models/{model_id}/promote": 8,
    "POST /api/models/{model_id}/deprecate": 4,
}


@pytest.fixture(scope="module")
def furnished(world, tmp_path_factory):
    """Settings of an installation with something to show at every route."""
    folder = tmp_path_factory.mktemp("contract")
    tracking_uri = f"sqlite:///{folder / 'mlflow.db'}"
    settings = load_settings(home=folder / "home", mlflow_tracking_uri=tracking_uri)
    shutil.copy(world.folder / "mlflow.db", folder / "mlflow.db")
    settings.store_path.parent.mkdir(parents=True)
    shutil.copy(world.folder / "store.db", settings.store_path)
    furnish(settings, world.versions)
    return settings


@pytest.fixture(scope="module")
def started(world, furnished):
    """The API of that installation, with everything beside it that it asks."""
    with running(world, furnished) as app:
        yield app


@contextlib.contextmanager
def running(world, settings):
    """Start the API where Schemathesis asks it, in a thread with a loop of its own; half an hour after the last candle."""
    with pytest.MonkeyPatch.context() as patch:
        answer_here(patch)
        app = create_app(settings, clock=lambda: world.newest_close_ms + HOUR_MS // 2, poll_seconds=0.2)
        try:
            with asgi.get_client(app):
                desk = app.state.desk
                prefect = AnsweringPrefect("http://127.0.0.1:1/api")
                app.state.desk = type(desk)(desk.store, prefect, desk.workspace, desk.clock)
                app.state.service.watcher.wait_until(lambda snapshot: snapshot.settled, SETTLED_SECONDS)
                yield app
        finally:
            asgi.shutdown_lifespans()


@pytest.fixture(scope="module")
def fuzzed(started, world, furnished):
    """What came of all the cases, and what they cost."""
    fewer = {name: max(CASES // part, 1) for name, part in SLOW.items()}
    began, cpu = time.monotonic(), time.process_time()
    config = config_of(words_of(world.versions), CASES, fewer)
    with kept_up(furnished) as put_back:
        tally = fuzz(started, started.openapi(), config, put_back)
    seconds, cpu_seconds = time.monotonic() - began, time.process_time() - cpu
    sys.stdout.write(
        f"{tally.cases} cases in {seconds:.0f} s, {cpu_seconds:.0f} s of CPU: {dict(tally.phases)}\n"
    )
    return SimpleNamespace(tally=tally, operations=operations_of(started))
