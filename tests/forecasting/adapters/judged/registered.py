"""Versions registered to be judged."""

from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.trials import search_tags
from forecasting.features.specification import feature_spec
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.gate import decide
from forecasting.horizons import Horizon
from forecasting.planning import plan_symbols
from tests.forecasting.rows import hourly_horizon

SYMBOLS = ("AAA/SIM", "BBB/SIM")


HORIZON = hourly_horizon()


HOURS = 1_400


CUT = 1_200


def register(workspace, tmp_path, symbols=SYMBOLS, seed=7, **changes):
    horizon = Horizon.model_validate({**HORIZON.model_dump(), **changes})
    plan = plan_symbols(workspace.candles.series(), horizon, symbols)
    spec = feature_spec(horizon, plan.symbols)
    rows = load_training_data(workspace, horizon, spec, plan).rows
    folder = tmp_path / f"bundle-{seed}-{len(symbols)}"
    fitted = Forecaster(horizon, spec, ("lgbm",), seed).fit(rows)
    write_bundle(fitted, rows, folder)
    tags = search_tags(fitted.search_)
    return workspace.registry.register(folder, parameters={}, metrics={}, tags=tags, run_name="a test")


def unmet(evidence):
    return {criterion.name for criterion in decide(evidence).criteria if not criterion.passed}
