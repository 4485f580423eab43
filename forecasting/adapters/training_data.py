"""The rows of one horizon out of the store: which symbols, which window, features and labels."""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.adapters.stored_market import read_market
from forecasting.adapters.workspace import Workspace
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import FeatureSpec
from forecasting.horizons import Horizon
from forecasting.planning import SymbolPlan


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
    market = read_market(workspace, spec, plan)
    own = {symbol: market.candles[symbol] for symbol in plan.symbols}
    markets = markets_of(own, market.events, market.candles)
    return TrainingData(build_dataset(markets, horizon, spec, plan.start_ms, plan.stop_ms + 1), own)
