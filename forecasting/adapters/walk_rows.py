"""All stored rows of a horizon, as a walk forward needs them: as old as the candles are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.features.specification import FeatureSpec, feature_spec
from forecasting.horizons import Horizon
from forecasting.planning import plan_symbols


def read_walk_rows(
    workspace: Workspace, horizon: Horizon, symbols: Sequence[str] = ()
) -> tuple[Dataset, FeatureSpec]:
    """Read every row that the stored candles give, and the specification of its columns.

    Raises
    ------
    NotEnoughHistory, UnknownSymbol
        Candles are too few, or a symbol is not stored.
    """
    plan = plan_symbols(workspace.candles.series(), horizon, list(symbols) or None)
    whole = replace(plan, start_ms=min(span.first_open_ms for span in plan.series))
    spec = feature_spec(horizon, plan.symbols)
    return load_training_data(workspace, horizon, spec, whole).rows, spec
