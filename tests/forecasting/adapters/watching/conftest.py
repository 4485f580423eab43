"""A model in production on a market whose returns go on: trained on its first hours, watched on the rest."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from forecasting.adapters import watching
from forecasting.adapters.promotion import tried, verification
from forecasting.adapters.promotion.change import Stamp, Wish, first_pointer, fulfilled
from forecasting.adapters.promotion.pointer import Mover, Placed, move_pointer, read_pointer
from forecasting.adapters.promotion.sandbox import LoadedBundle
from forecasting.adapters.promotion.sandboxed_load import answer_of
from forecasting.adapters.registry import ModelRegistry
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import Candles
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.settings import load_settings
from forecasting.types import HOUR_MS, parse_utc
from tests.forecasting.rows import hourly_horizon

TRAINED, HOURS = 1_400, 2_400
KNOWN = ("AAA/USDT", "BBB/USDT")
MEMORY = 0.3
MODEL, NOW_MS = "forecast-1h", 1_800_000_000_000


@dataclass(frozen=True)
class Trained:
    """Two versions of a model and the market they were trained on the first part of."""

    folder: Path
    candles: dict
    versions: tuple


def remembering(symbol, seed):
    """Hourly candles whose next return repeats three tenths of the last one."""
    generator = np.random.default_rng(seed)
    returns = 0.004 * generator.standard_normal(HOURS)
    for row in range(1, HOURS):
        returns[row] += MEMORY * returns[row - 1]
    close = 100 * np.exp(np.cumsum(returns))
    opened = np.concatenate([[100.0], close[:-1]])
    high, low = np.maximum(opened, close) * 1.001, np.minimum(opened, close) * 0.999
    times = parse_utc("2025-01-01") + HOUR_MS * np.arange(HOURS)
    return Candles(symbol, "1h", times, opened, high, low, close, 1 + generator.random(HOURS))


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("watched")
    candles = {symbol: remembering(symbol, seed) for seed, symbol in enumerate(KNOWN)}
    horizon = hourly_horizon()
    spec = feature_spec(horizon, KNOWN)
    first = {symbol: each.take(slice(0, TRAINED)) for symbol, each in candles.items()}
    rows = build_dataset(markets_of(first, None), horizon, spec)
    registry = ModelRegistry(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts")
    versions = []
    for seed in (1, 2):
        bundle = folder / f"bundle-{seed}"
        write_bundle(Forecaster(horizon, spec, ("lgbm",), seed).fit(rows), rows, bundle)
        versions.append(registry.register(bundle, parameters={}, metrics={}, tags={}, run_name=f"{seed}"))
    return Trained(folder, candles, tuple(versions))


@pytest.fixture
def workspace(trained, tmp_path):
    """The candles of the first part in a store, and both versions registered; nothing serves."""
    shutil.copy(trained.folder / "mlflow.db", tmp_path / "mlflow.db")
    settings = load_settings(
        home=tmp_path / "home",
        mlruns=trained.folder,
        mlflow_tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}",
    )
    with open_workspace(settings) as opened:
        for candles in trained.candles.values():
            opened.candles.write(candles.take(slice(0, TRAINED)))
        yield opened


@pytest.fixture
def promote(workspace, trained):
    """Let the n-th version serve, as a move does once it was verified."""

    def move(number):
        version, store = trained.versions[number - 1], workspace.store
        before = read_pointer(store, MODEL)
        target = Placed(version.version, version.digest, version.model_id, "unproven", "")
        epoch = before.epoch if before else 0
        stamp = Stamp(Mover("jan", "command"), epoch + 1, NOW_MS)
        after = fulfilled(before or first_pointer(MODEL), Wish("promote", target, "a test"), stamp)
        move_pointer(store, before, after)

    return move


@pytest.fixture
def passes(workspace, trained):
    """Let hours pass: candles that close until then are stored."""

    def until(hours):
        for candles in trained.candles.values():
            workspace.candles.write(candles.take(slice(0, hours)))

    return until


@pytest.fixture
def flipped(monkeypatch):
    """Turn the sign of all that bundles of these digests forecast."""

    def turn(*versions):
        digests = {each.digest for each in versions}
        read = watching.read_bundle

        def turned(folder, digest):
            bundle = read(folder, digest)
            if digest in digests:
                forecaster = bundle.forecaster
                predict = forecaster.predict
                forecaster.predict = lambda X: turned_forecasts(predict(X))
            return bundle

        monkeypatch.setattr(watching, "read_bundle", turned)

    return turn


def within_this_process(monkeypatch):
    """Load bundles as the sandbox does, in this process."""

    def load(folder, digest):
        return LoadedBundle(**answer_of(folder, digest))

    for module in (verification, tried):
        monkeypatch.setattr(module, "load_in_sandbox", load)


def turned_forecasts(forecasts):
    return replace(forecasts, pred_return=-forecasts.pred_return)
