"""The rows of one horizon out of the store: which symbols, which window, features and labels."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.adapters.workspace import Workspace
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import FeatureSpec
from forecasting.horizons import Horizon
from forecasting.planning import SymbolPlan
from forecasting.types import DAY_MS


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Rows of a horizon and the candles they come from, by symbol."""

    rows: Dataset
    candles: dict[str, Candles]


def load_training_data(
    workspace: Workspace, horizon: Horizon, spec: FeatureSpec, plan: SymbolPlan
) -> TrainingData:
    """Read the plan's window with the history its first row needs, and build features and labels.

    Raises
    ------
    NotEnoughHistory
        Not a single row has its whole history and a label.
    """
    read_from_ms = plan.start_ms - spec.history_ms - 7 * DAY_MS
    others = spec.others(plan.symbols)
    candles = {
        symbol: workspace.candles.read_base(symbol, horizon.base_interval, read_from_ms)
        for symbol in (*plan.symbols, *others)
    }
    events = {
        symbol: found for symbol in plan.symbols if (found := workspace.events.read(symbol)) is not None
    }
    own = {symbol: candles[symbol] for symbol in plan.symbols}
    markets = markets_of(own, events, {symbol: candles[symbol] for symbol in others})
    return TrainingData(build_dataset(markets, horizon, spec, plan.start_ms, plan.stop_ms + 1), own)
