"""Flow: train one horizon on validated candles and register the candidate."""

from __future__ import annotations

import logging
import time

from prefect import flow

from forecasting.adapters.model_settings.overriding import horizons_in_force
from forecasting.adapters.model_version import RegisteredVersion
from forecasting.adapters.workspace import open_workspace
from forecasting.errors import InvalidCandles
from forecasting.forecaster.members import algorithms_of
from forecasting.horizons import find_horizon
from forecasting.planning import plan_symbols
from forecasting.recipes import with_recipe
from forecasting.settings import load_settings
from tasks.quality import validate_rows, validate_series
from tasks.reporting_models import explain_candidate
from tasks.training import build_rows, certify_fit, fit_forecaster, register_candidate

_log = logging.getLogger(__name__)


@flow(name="train-horizon", flow_run_name="train {horizon}")
def train_horizon(
    horizon: str,
    symbols: list[str] | None = None,
    algorithm: str = "all",
    train_window_days: int | None = None,
    recipe: str | None = None,
    search_trials: int | None = None,
) -> RegisteredVersion:
    """Train one horizon and register the candidate; promotion is a question of its own.

    Args:
        horizon: Name of the horizon, as in 1h.
        symbols: Markets to pool; all that reach into the window's end when left empty.
        algorithm: lgbm, rf, or all for both.
        train_window_days: Days of rows instead of the horizon's own window.
        recipe: Name of a recipe of this horizon, as in source-7d-forest; the horizon's own members when left empty.
        search_trials: Settings to try for each member that has any to choose, instead of the horizon's own number; 0 tries
            none. What is found is taken only where later training rows confirm it.
    """
    settings = load_settings()
    suites, now_ms = settings.expectations_folder, int(time.time() * 1000)
    with open_workspace(settings) as workspace:
        known = horizons_in_force(workspace.store, settings.horizons_file)
        own = find_horizon(known, horizon).with_window(train_window_days)
        chosen = with_recipe(own, recipe).with_search(search_trials)
        algorithms = algorithms_of(chosen.members) if algorithm == "all" else (algorithm,)
        workspace.registry.versions(chosen.model_name)  # one that is down fails now, not after the fit
        plan = plan_symbols(workspace.candles.series(), chosen, symbols)
        for left_out in plan.left_out:
            _log.warning("%s: %s is left out: %s", horizon, left_out.name, left_out.reason)
        reports = [validate_series(workspace, span, suites / "candles.json", now_ms) for span in plan.series]
        stopped = [report for report in reports if not report.success]
        for report in stopped:
            _log.warning("%s: %s is left out: %s", horizon, report.symbol, report.reason)
        sound = plan.without({report.symbol for report in stopped})
        if not sound.series:
            raise InvalidCandles(f"{horizon}: no series passed validation: {stopped[0].reason}")
        rows = build_rows(workspace, chosen, sound)
        validate_rows(workspace, chosen, rows, suites / "features.json", now_ms)
        forecaster = fit_forecaster(chosen, rows, algorithms, settings.seed)
        certificate = certify_fit(workspace, forecaster, sound)
        version = register_candidate(workspace, forecaster, rows, certificate)
        return explain_candidate(workspace, version, forecaster, rows, settings.report_folder)
