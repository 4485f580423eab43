"""A small real world for the API: simulated candles in SQLite, bundles in a real MLflow registry."""

import contextlib
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from forecasting.adapters.promotion import tried
from forecasting.adapters.promotion.fetching_process import fetch_here
from forecasting.adapters.promotion.sandbox import load_in_sandbox
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.dataset import Dataset
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import load_horizons
from forecasting.settings import load_settings
from forecasting.types import HOUR_MS
from serving.app import create_app
from serving.in_use import loading
from tests.serving.placing import place, source_of

with warnings.catch_warnings():
    # Starlette's client prefers a successor of httpx that nothing else here uses; it works with httpx.
    warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
    from starlette.testclient import TestClient

HOURS = 1500
SETTLED_SECONDS = 120.0
SANDBOXED = {}
KNOWN, UNTRAINED = ("AAA/SIM", "BBB/SIM"), "CCC/SIM"


@pytest.fixture(scope="session")
def client_of():
    """A client on this machine that gets a 500 as an answer, as a caller would, and not as an exception."""

    def client(app):
        return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)

    return client


@dataclass(frozen=True)
class World:
    """Where the candles and the registered versions are, and what they were made of."""

    folder: Path
    candles: dict
    events: dict
    newest_close_ms: int
    spec: object
    dataset: Dataset
    versions: tuple
    bundles: tuple


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Three symbols of hours in the store; two versions of forecast-1h, trained on two of the symbols."""
    folder = tmp_path_factory.mktemp("world")
    market = simulate_market(11, hours=HOURS, symbols=(*KNOWN, UNTRAINED))
    store = open_store(None, folder / "store.db", "unused")
    for candles in market.candles.values():
        CandleStore(store).write(candles)
    EventStore(store).write(market.events, market.start_ms, market.stop_ms)
    events = {symbol: EventStore(store).read(symbol) for symbol in market.candles}
    store.close()
    horizon = load_horizons()["1h"]
    spec = feature_spec(horizon, KNOWN)
    dataset = build_dataset(
        markets_of({symbol: market.candles[symbol] for symbol in KNOWN}, events), horizon, spec
    )
    registry = ModelRegistry(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts")
    versions, bundles = [], []
    for seed in (1, 2):
        bundle = folder / f"bundle-{seed}"
        write_bundle(Forecaster(horizon, spec, ("lgbm", "rf"), seed).fit(dataset), dataset, bundle)
        versions.append(
            registry.register(bundle, parameters={}, metrics={}, tags={}, run_name=f"seed {seed}")
        )
        bundles.append(bundle)
    newest_ms = int(market.candles[KNOWN[0]].close_time_ms[-1])
    return World(
        folder, dict(market.candles), events, newest_ms, spec, dataset, tuple(versions), tuple(bundles)
    )


@pytest.fixture
def installation(world, tmp_path):
    """The world's store and registry as an installation of its own, with nothing in production yet."""
    settings = load_settings(
        home=tmp_path / "home", mlflow_tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}"
    )
    shutil.copy(world.folder / "mlflow.db", tmp_path / "mlflow.db")
    settings.store_path.parent.mkdir(parents=True)
    shutil.copy(world.folder / "store.db", settings.store_path)
    registry = ModelRegistry(settings.tracking_uri, world.folder / "artifacts")
    now_ms = world.newest_close_ms + HOUR_MS // 2
    return SimpleNamespace(settings=settings, registry=registry, now_ms=now_ms)


@pytest.fixture
def serve(installation, client_of):
    """Start the API on the installation; it ends with the test."""
    running = []

    def start():
        app = create_app(installation.settings, clock=lambda: installation.now_ms, poll_seconds=0.01)
        client = client_of(app)
        client.__enter__()
        running.append(client)
        # A busy machine may take longer to load models than a server waits for them before it lets requests in.
        app.state.service.watcher.wait_until(lambda snapshot: snapshot.settled, SETTLED_SECONDS)
        return client

    yield start
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def point(installation):
    """Move the pointer of forecast-1h as whoever holds its lease does: to a registered version, or to naive."""

    def move(version, **changes):
        with contextlib.closing(open_store(None, installation.settings.store_path, "unused")) as store:
            place(store, version, **changes)

    return move


@pytest.fixture
def promote(point, world):
    """Call the n-th version production."""
    return lambda number, **changes: point(world.versions[number - 1], **changes)


@pytest.fixture(autouse=True)
def sandboxed_once(monkeypatch):
    """Try each bundle in a sandbox once for all tests: a process costs seconds."""

    def load_once(folder, digest):
        if digest not in SANDBOXED:
            SANDBOXED[digest] = load_in_sandbox(folder, digest)
        return SANDBOXED[digest]

    monkeypatch.setattr(tried, "load_in_sandbox", load_once)


@pytest.fixture(autouse=True)
def fetched_here(monkeypatch):
    """Fetch bundles in this process: one of its own imports MLflow anew, and `test_fetching` tells of it."""
    monkeypatch.setattr(loading, "fetch_in_child", fetch_here)


@pytest.fixture
def source(installation, world):
    """Where the installation's servers find bundles."""
    return source_of(installation.settings, world.folder / "artifacts")


@pytest.fixture
def in_production(serve, promote):
    promote(1)
    return serve()
