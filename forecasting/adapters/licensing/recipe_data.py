"""All that the store holds for one recipe: rows with labels, and the candles they come from."""

from __future__ import annotations

from forecasting.adapters.training_data import TrainingData, load_training_data
from forecasting.adapters.workspace import Workspace
from forecasting.errors import NotEnoughHistory
from forecasting.forecaster.forecaster import Forecaster
from forecasting.planning import SymbolPlan, base_series


def load_recipe_data(
    workspace: Workspace, forecaster: Forecaster, from_ms: int | None = None
) -> TrainingData:
    """Read rows of a recipe's own features and symbols.

    Parameters
    ----------
    workspace
        Where candles and events are.
    forecaster
        Of the recipe, fitted or not.
    from_ms
        Moment of the first row, epoch milliseconds UTC; None takes all rows there are.

    Raises
    ------
    NotEnoughHistory
        Candles of a symbol are absent, or not a single row has its whole history and a label.
    """
    horizon, spec = forecaster.horizon, forecaster.spec
    series = base_series(workspace.candles.series(), horizon.base_interval)
    missing = [symbol for symbol in spec.symbols if symbol not in series]
    if missing:
        raise NotEnoughHistory(
            f"{horizon.name}: no candles of {', '.join(missing)} are stored, which the recipe forecasts: ingest them again"
        )
    spans = tuple(series[symbol] for symbol in spec.symbols)
    start_ms = min(span.first_open_ms for span in spans) if from_ms is None else from_ms
    plan = SymbolPlan(spans, (), start_ms, max(span.end_ms for span in spans))
    return load_training_data(workspace, horizon, spec, plan)
