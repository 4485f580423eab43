"""What one fitted model says of rows, as blocks of the forecast ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecasting.adapters.licensing.joining import bar_grid, bar_returns
from forecasting.adapters.store.forecast_ledger import LedgerBlock, Origin
from forecasting.adapters.training_data import TrainingData
from forecasting.dataset import Dataset
from forecasting.evaluation.intervals import interval_ends
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import Horizon
from forecasting.licence.rows import baseline_forecasts
from forecasting.licence.stakes import stakes_of
from forecasting.types import BoolArray, FloatArray, IntArray

Spans = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True, eq=False)
class BaselineColumns:
    """What drift and AR(1) said at each row's moment of the next h bars, shape (n,) each, fractions."""

    drift: FloatArray
    ar1: FloatArray


def baseline_columns(data: TrainingData, horizon: Horizon) -> BaselineColumns:
    """Fit drift and AR(1) on all bars until each row, and forecast it.

    Parameters
    ----------
    data
        Rows, and candles that begin before the first of them.
    horizon
        What is forecast.
    """
    rows, bar_ms = data.rows, horizon.base_interval_ms
    first_ms = min(int(each.close_time_ms[0]) for each in data.candles.values())
    close_ms = bar_grid(first_ms, int(rows.as_of_ms.max()), bar_ms)
    returns = np.ascontiguousarray(bar_returns(data.candles, rows.symbols, close_ms))
    place = (rows.as_of_ms - first_ms) // bar_ms
    decay = stakes_of(bar_ms).volatility_decay
    drift, ar1 = (
        baseline_forecasts(returns, horizon.look_ahead_bars, echo, decay)[0][place, rows.symbol]
        for echo in (False, True)
    )
    return BaselineColumns(drift, ar1)


def not_issued(rows: Dataset, spans: Spans) -> BoolArray:
    """Which rows lie outside the blocks that are in the ledger, shape (n,)."""
    missing = np.ones(len(rows), dtype=np.bool_)
    for number, symbol in enumerate(rows.symbols):
        for first_ms, last_ms in spans.get(symbol, ()):
            inside = (rows.as_of_ms >= first_ms) & (rows.as_of_ms <= last_ms)
            missing[inside & (rows.symbol == number)] = False
    return missing


def issue(
    rows: Dataset,
    chosen: IntArray,
    baselines: BaselineColumns,
    fitted: Forecaster,
    *,
    recipe: str,
    bundle: str,
    origin: Origin,
) -> Iterator[LedgerBlock]:
    """Forecast rows by a fitted model; one block for each symbol.

    Parameters
    ----------
    rows
        All rows, ordered by as_of.
    chosen
        Positions of those to forecast, rising.
    baselines
        Of all rows.
    fitted
        The model.
    recipe, bundle
        Its hash and its digest.
    origin
        Where the rows come from.
    """
    judged = rows.take(chosen)
    columns = _columns(judged, fitted, baselines.drift[chosen], baselines.ar1[chosen])
    horizon = fitted.horizon
    for number, symbol in enumerate(rows.symbols):
        own = judged.symbol == number
        if own.any():
            yield LedgerBlock(
                recipe=recipe,
                symbol=symbol,
                horizon=horizon.name,
                origin=origin,
                bundle=bundle,
                usable_from_ms=fitted.train_span_.label_end_ms + horizon.look_ahead_ms,
                columns={name: column[own] for name, column in columns.items()},
            )


def _columns(rows: Dataset, fitted: Forecaster, drift: FloatArray, ar1: FloatArray) -> dict[str, Any]:
    forecasts = fitted.predict(rows.X)
    ends = interval_ends(fitted, rows, forecasts.pred_return)
    return {
        "issued_ms": rows.as_of_ms,
        "data_as_of_ms": rows.as_of_ms,
        "label_end_ms": rows.label_end_ms,
        "forecast": forecasts.pred_return,
        "p_up": forecasts.p_up,
        "low_80": ends[:, 0, 0],
        "high_80": ends[:, 0, 1],
        "low_90": ends[:, 1, 0],
        "high_90": ends[:, 1, 1],
        "drift": drift,
        "ar1": ar1,
    }
