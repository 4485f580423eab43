"""Forecasts of a model in production beside the returns that came true, on every bar of every market.

What was served or written into the ledger before its return was known counts as it was issued. A bar that nobody asked
about gets what the same bundle says of it now, from the stored candles, and is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from forecasting.adapters.licensing.joining import bar_grid, bar_returns
from forecasting.adapters.store.forecast_ledger import ForecastLedger
from forecasting.adapters.store.forecast_log import ForecastLog, ServedForecast
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import Workspace
from forecasting.dataset import Dataset
from forecasting.errors import NotEnoughHistory
from forecasting.evaluation.intervals import interval_ends
from forecasting.forecaster.bundle import Bundle
from forecasting.monitoring.following import Bars
from forecasting.monitoring.live import Matured
from forecasting.planning import SymbolPlan, base_series
from forecasting.types import FloatArray

LEVELS = 2


@dataclass(frozen=True, slots=True, eq=False)
class MaturedRows:
    """What a model said at each bar, and what came of it.

    Attributes
    ----------
    bars
        All markets from the first bar on; forecasts from the moment that was asked for, NaN before.
    matured
        The same forecasts with their realised returns, as they became known.
    """

    bars: Bars
    matured: Matured


@dataclass(frozen=True, slots=True)
class Issued:
    """One forecast that was made known before its return was: forecast return, and ends of its intervals."""

    symbol: str
    as_of_ms: int
    forecast: float
    ends: FloatArray


def matured_rows(
    workspace: Workspace, bundle: Bundle, recipe: str, first_ms: int, from_ms: int
) -> MaturedRows | None:
    """Join forecasts of a bundle with realised returns; None while none of them matured.

    Parameters
    ----------
    workspace
        Where candles, answers and ledger are.
    bundle, recipe
        The model, with its own features in place, and the hash of its recipe.
    first_ms
        Close of the first bar whose return is given, epoch milliseconds UTC.
    from_ms
        From this bar on forecasts are given.

    Raises
    ------
    StoreUnavailable
        The store cannot be read.
    """
    rows = _rows(workspace, bundle, from_ms)
    if rows is None:
        return None
    forecast = bundle.forecaster.predict(rows.X).pred_return.copy()
    ends = interval_ends(bundle.forecaster, rows, forecast)
    issued = _lay_issued(rows, forecast, ends, _issued(workspace, bundle, recipe, from_ms))
    order = np.lexsort((rows.symbol, rows.label_end_ms))
    matured = Matured(rows.as_of_ms, rows.label_end_ms, forecast, rows.y, ends, issued).take(order)
    return MaturedRows(_bars(workspace, bundle, rows, forecast, first_ms), matured)


def _rows(workspace: Workspace, bundle: Bundle, from_ms: int) -> Dataset | None:
    """Rows of closed labels; None where there is none."""
    horizon, spec = bundle.forecaster.horizon, bundle.forecaster.spec
    series = base_series(workspace.candles.series(), horizon.base_interval)
    spans = tuple(series[symbol] for symbol in spec.symbols if symbol in series)
    stop_ms = max((span.end_ms for span in spans), default=0)
    if stop_ms < from_ms + horizon.look_ahead_ms:
        return None
    try:
        return load_training_data(workspace, horizon, spec, SymbolPlan(spans, (), from_ms, stop_ms)).rows
    except NotEnoughHistory:
        return None


def _bars(workspace: Workspace, bundle: Bundle, rows: Dataset, forecast: FloatArray, first_ms: int) -> Bars:
    horizon, symbols = bundle.forecaster.horizon, bundle.forecaster.spec.symbols
    bar_ms = horizon.base_interval_ms
    close_ms = bar_grid(first_ms, int(rows.as_of_ms[-1]), bar_ms)
    candles = {
        symbol: workspace.candles.read_base(symbol, horizon.base_interval, first_ms - 2 * bar_ms)
        for symbol in symbols
    }
    forecasts = np.full((len(close_ms), len(symbols)), np.nan)
    column = np.array([symbols.index(symbol) for symbol in rows.symbols], dtype=np.int64)[rows.symbol]
    place = (rows.as_of_ms - first_ms) // bar_ms
    on_grid = (place >= 0) & ((rows.as_of_ms - first_ms) % bar_ms == 0)
    forecasts[place[on_grid], column[on_grid]] = forecast[on_grid]
    return Bars(
        close_ms, bar_returns(candles, symbols, close_ms), forecasts, horizon.look_ahead_ms // bar_ms, bar_ms
    )


def _lay_issued(
    rows: Dataset, forecast: FloatArray, ends: FloatArray, issued: Iterator[Issued]
) -> np.ndarray:
    """Put what was issued in its place; which rows have it."""
    known = np.zeros(len(rows), dtype=np.bool_)
    names = [rows.symbols[number] for number in rows.symbol.tolist()]
    places = {key: row for row, key in enumerate(zip(names, rows.as_of_ms.tolist(), strict=True))}
    for each in issued:
        row = places.get((each.symbol, each.as_of_ms))
        if row is not None and not known[row]:
            known[row], forecast[row], ends[row] = True, each.forecast, each.ends
    return known


def _issued(workspace: Workspace, bundle: Bundle, recipe: str, from_ms: int) -> Iterator[Issued]:
    """Answers first, for they were given to somebody; then what the ledger holds of this very bundle."""
    horizon = bundle.forecaster.horizon
    for logged in ForecastLog(workspace.store).find(horizon=horizon.name, since_ms=from_ms):
        served = logged.forecast
        if logged.intact and _is_bet(served, bundle.digest, horizon.base_interval_ms):
            yield Issued(served.symbol, served.as_of_ms, served.answer["pred_return"], _served_ends(served))
    for block in ForecastLedger(workspace.store).blocks(recipe) if recipe else ():
        if block.bundle == bundle.digest:
            columns = block.columns
            ends = np.column_stack([columns[name] for name in ("low_80", "high_80", "low_90", "high_90")])
            for row, as_of_ms in enumerate(columns["data_as_of_ms"].tolist()):
                yield Issued(
                    block.symbol, as_of_ms, float(columns["forecast"][row]), ends[row].reshape(LEVELS, 2)
                )


def _is_bet(served: ServedForecast, digest: str, bar_ms: int) -> bool:
    """Whether the model itself answered about the newest candle, before the next one closed."""
    by_model = served.bundle == digest and served.answer["model_type"] == "ml"
    return by_model and served.as_of_ms <= served.served_ms < served.as_of_ms + bar_ms


def _served_ends(served: ServedForecast) -> FloatArray:
    both = (served.answer.get("interval_80"), served.answer.get("interval_90"))
    return np.array([(np.nan, np.nan) if each is None else each for each in both], dtype=np.float64)
