"""Flow: the main job, from a source of candles to decided models."""

from __future__ import annotations

import logging
from typing import Any

from prefect import flow

from flows.ingest_candles import ingest_candles
from flows.promote_candidates import promote_candidates
from flows.train_horizon import train_horizon
from flows.validate_candles import validate_candles
from forecasting.adapters.workspace import open_workspace
from forecasting.horizons import load_horizons
from forecasting.planning import HorizonPlan, plan_horizons
from forecasting.settings import load_settings

_log = logging.getLogger(__name__)


@flow(name="main-job")
def main_job(
    folder: str | None = None,
    exchange: str | None = None,
    symbols: list[str] | None = None,
    simulated: bool = False,
    algorithm: str = "all",
) -> list[dict[str, Any]]:
    """Ingest, validate, train every horizon that the candles can serve, and ask the gate.

    Args:
        folder: Folder of candle files.
        exchange: A ccxt exchange to download hourly candles from.
        symbols: Markets to download.
        simulated: Use the simulated market.
        algorithm: lgbm, rf, or all for both.
    """
    ingest_candles(folder=folder, exchange=exchange, symbols=symbols, simulated=simulated)
    validate_candles()
    plan = _plan()
    for left_out in plan.left_out:
        _log.info("horizon %s is left out: %s", left_out.name, left_out.reason)
    for horizon in plan.horizons:
        train_horizon(horizon.name, algorithm=algorithm)
    return promote_candidates([horizon.name for horizon in plan.horizons])


def _plan() -> HorizonPlan:
    settings = load_settings()
    with open_workspace(settings) as workspace:
        return plan_horizons(
            workspace.candles.series(), tuple(load_horizons(settings.horizons_file).values())
        )
