"""Small markets with a recipe that is quickly walked: one with a strong signal, one of pure noise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecasting.adapters.licensing.recipe_data import load_recipe_data
from forecasting.adapters.model_version import LEAK_CERTIFICATE, PASSED, RECIPE, RegisteredVersion
from forecasting.adapters.simulated_process import MarketProcess
from forecasting.adapters.simulator import SimulatedMarket, simulate_market
from forecasting.adapters.workspace import Workspace, open_workspace
from forecasting.features.specification import feature_spec
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.licence.recipe import recipe_hash
from forecasting.settings import Settings, load_settings
from tests.forecasting.rows import hourly_horizon

SYMBOLS = ("AAA/SIM", "BBB/SIM")
HOURS = 5_000
CUT = 4_600


def market(continuation: float, seed: int = 3) -> SimulatedMarket:
    process = MarketProcess(continuation=continuation, threshold=2.0)
    return simulate_market(seed, hours=HOURS, symbols=SYMBOLS, process=process)


def recipe_of(seed: int = 7) -> Forecaster:
    horizon = hourly_horizon().model_copy(
        update={
            "members": ("naive", "lgbm"),
            "member_settings": {"lgbm": {"max_rounds": 60, "learning_rate": 0.1}},
            "train_window_days": 60,
            "regime_weights": "never",
        }
    )
    return Forecaster(horizon, feature_spec(horizon, SYMBOLS), ("lgbm",), seed)


def settings_of(folder: Path) -> Settings:
    return load_settings(home=folder / "home", mlruns=folder / "mlruns", mongo_uri="", mlflow_tracking_uri="")


@contextmanager
def workspace_of(folder: Path, drawn: SimulatedMarket, hours: int = CUT) -> Iterator[Workspace]:
    """Candles of the market's first hours; the rest has not come yet."""
    with open_workspace(settings_of(folder)) as opened:
        for candles in drawn.candles.values():
            opened.candles.write(candles.take(slice(0, hours)))
        yield opened


def register(workspace: Workspace) -> RegisteredVersion:
    """Train the recipe on its newest window, and register it as a candidate that passed its leak certificate."""
    forecaster = recipe_of()
    rows = load_recipe_data(workspace, forecaster).rows
    window = rows.take(rows.as_of_ms >= rows.as_of_ms.max() - forecaster.horizon.train_window_ms)
    folder = workspace.bundle_folder / "bundle"
    write_bundle(forecaster.fit(window), window, folder)
    tags = {RECIPE: recipe_hash(forecaster), LEAK_CERTIFICATE: PASSED}
    return workspace.registry.register(folder, parameters={}, metrics={}, tags=tags, run_name="a test")
