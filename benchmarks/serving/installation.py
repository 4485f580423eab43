"""An installation with a model in production that knows a hundred markets: what is served while it is measured."""

from __future__ import annotations

import time
from pathlib import Path

from forecasting.settings import Settings
from forecasting.types import HOUR_MS

SYMBOLS = tuple(f"S{number:03}/SIM" for number in range(100))
HORIZON = "1h"
HOURS = 60 * 24
SEED = 7


def install(settings: Settings) -> str:
    """Store candles up to this hour, train on them, and let the version serve; its model URI in MLflow."""
    from forecasting.adapters.live.training import Recipe, train_candidate
    from forecasting.adapters.promotion.pointer import Mover
    from forecasting.adapters.promotion.step import promote
    from forecasting.adapters.simulator import simulate_market
    from forecasting.adapters.workspace import open_workspace
    from forecasting.horizons import load_horizons

    now_ms = time.time_ns() // 1_000_000
    start_ms = (now_ms // HOUR_MS - HOURS) * HOUR_MS
    market = simulate_market(SEED, start_ms=start_ms, hours=HOURS, symbols=SYMBOLS)
    recipe = Recipe(load_horizons()[HORIZON], (), SEED, settings.expectations_folder)
    with open_workspace(settings) as workspace:
        for candles in market.candles.values():
            workspace.candles.write(candles, "simulated")
        version = train_candidate(workspace, recipe, now_ms)
        reason = "it is measured how fast it answers"
        promote(workspace, version.model_name, version.version, Mover("benchmark", "command"), reason)
    return f"models:/{version.model_name}/{version.version}"


def workspace_settings(folder: Path) -> Settings:
    """Return the settings of a workspace in a folder."""
    from forecasting.settings import load_settings

    return load_settings(home=folder / "home", mlruns=folder / "mlruns", mongo_uri="", mlflow_tracking_uri="")
