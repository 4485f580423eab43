"""Walk-forward forecasts of real candles with the intervals that they would have carried."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.real_series import series_of
from forecasting.features.market import MarketData
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.members import new_member
from forecasting.horizons import Horizon, load_horizons
from forecasting.intervals.adaptive import AdaptiveIntervals
from forecasting.intervals.rows import ForecastRows
from forecasting.intervals.walking import walk_intervals
from forecasting.splits.walk_forward import walk_forward_refits
from forecasting.types import DAY_MS, FloatArray

MEMBER = "ridge"
CADENCE_MS = 30 * DAY_MS
FIRST_FIT_DAYS = 365


def _horizons() -> dict[str, Horizon]:
    known = load_horizons()
    hour = known["1h"].model_dump()
    of_hours = {
        f"{days}d of hours": Horizon(**{**hour, "name": f"{days}d", "look_ahead_minutes": 1440 * days})
        for days in (3, 7)
    }
    return {"1h": known["1h"], **of_hours, **{name: known[name] for name in ("1d", "7d", "30d")}}


HORIZONS = _horizons()


def walked(horizon: Horizon, folder: Path) -> tuple[ForecastRows, FloatArray]:
    """Forecast rows that no fit has seen, refitted every 30 days after the first year, and their intervals.

    The rows' labels are learned as they become known; the intervals begin with the first 30 scores.
    """
    series = series_of(folder)
    spec = feature_spec(horizon, tuple(sorted(series)))
    data = build_dataset({symbol: MarketData(candles) for symbol, candles in series.items()}, horizon, spec)
    refits = walk_forward_refits(
        data.as_of_ms,
        data.label_end_ms,
        first_start_ms=int(data.as_of_ms[0]) + FIRST_FIT_DAYS * DAY_MS,
        cadence_ms=CADENCE_MS,
    )
    pred_return = np.full(len(data), np.nan)
    for refit in refits:
        member = new_member(MEMBER, horizon, spec, 7).fit(data.take(refit.train))
        pred_return[refit.test] = member.predict(data.X[refit.test])
    judged = ~np.isnan(pred_return)
    rows = ForecastRows.of(data.take(judged), pred_return[judged])
    return rows, walk_intervals(AdaptiveIntervals(horizon.look_ahead_bars), rows)
