"""All rows of a horizon, as a walk forward needs them: as old as the candles are, stored or in a folder of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forecasting.adapters.folder_candles import candles_of_folder
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import Workspace
from forecasting.candles import Candles
from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory, UnknownSymbol
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import FeatureSpec, feature_spec
from forecasting.horizons import Horizon
from forecasting.planning import SeriesSpan, plan_symbols


@dataclass(frozen=True, slots=True, eq=False)
class WalkRows:
    """Every row that the candles give, what its columns are, and the candles by symbol."""

    rows: Dataset
    spec: FeatureSpec
    candles: Mapping[str, Candles]


def read_walk_rows(workspace: Workspace, horizon: Horizon, symbols: Sequence[str] = ()) -> WalkRows:
    """Rows of the stored candles and events.

    Raises
    ------
    NotEnoughHistory, UnknownSymbol
        Candles are too few, or a symbol is not stored.
    """
    plan = plan_symbols(workspace.candles.series(), horizon, list(symbols) or None)
    whole = replace(plan, start_ms=min(span.first_open_ms for span in plan.series))
    spec = feature_spec(horizon, plan.symbols)
    data = load_training_data(workspace, horizon, spec, whole)
    return WalkRows(data.rows, spec, data.candles)


def walk_rows_of_folder(folder: Path, horizon: Horizon, symbols: Sequence[str] = ()) -> WalkRows:
    """Rows of a folder of files, which need not be stored; they bring no events.

    Raises
    ------
    NotEnoughHistory, UnknownSymbol
        No file holds candles of the horizon's base interval or finer ones, or not of a symbol that was asked for.
    InputError
        A file cannot be read, or contradicts itself.
    """
    found = candles_of_folder(folder, horizon.base_interval)
    if not found:
        raise NotEnoughHistory(
            f"{horizon.name}: no candles of {horizon.base_interval} or finer are in {folder}: name another folder"
        )
    unknown = [symbol for symbol in symbols if symbol not in found]
    if unknown:
        raise UnknownSymbol(
            f"no candles of {', '.join(unknown)} are in {folder}: any of {', '.join(sorted(found))} is needed"
        )
    plan = plan_symbols([_span(each) for each in found.values()], horizon, list(symbols) or None)
    spec = feature_spec(horizon, plan.symbols)
    own = {symbol: found[symbol] for symbol in plan.symbols}
    return WalkRows(build_dataset(markets_of(own, None, found), horizon, spec), spec, own)


def _span(candles: Candles) -> SeriesSpan:
    times = candles.open_time_ms
    return SeriesSpan(candles.symbol, candles.interval, int(times[0]), int(times[-1]), len(times))
