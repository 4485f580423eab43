"""What each member is worth alone, on real candles and on rows that no fit has seen.

python -m benchmarks.members [horizon ...]

Each member is refitted at a cadence on the horizon's own window, purged by label time, and forecasts until the next
refit. Nothing is chosen on the judged rows. R2 is against drift, the claim tested (Diebold-Mariano) is a smaller squared
error than drift's, and with fifteen members one in twenty looks good by luck alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.real_series import data_folder, series_of
from forecasting.baselines.drift import Drift
from forecasting.dataset import Dataset
from forecasting.features.market import MarketData
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.members import new_member
from forecasting.horizons import MEMBERS, Horizon, load_horizons
from forecasting.inference.accuracy import diebold_mariano
from forecasting.inference.result import p_text
from forecasting.inference.spans import LabelSpans
from forecasting.metrics import directional_accuracy, r2_against, rank_ic
from forecasting.splits.walk_forward import Refit, walk_forward_refits
from forecasting.types import DAY_MS, FloatArray


@dataclass(frozen=True, slots=True)
class Setting:
    """Which candles a horizon is judged on, how much history comes first, and how often all is refitted."""

    folder: str
    first_fit_days: int
    cadence_days: int


SETTINGS = {
    "1h": Setting("hour-2020-2025", 1095, 365),
    "1d": Setting("day-2020-2025", 730, 91),
    "7d": Setting("day-2020-2025", 730, 91),
}
# A member as it is, and the options of learners, each alone.
VARIANTS = {
    **{name: (name, {}) for name in MEMBERS},
    "lgbm, scaled": ("lgbm", {"volatility_scaled": True}),
    "ridge, scaled": ("ridge", {"volatility_scaled": True}),
    "lgbm, uniqueness": ("lgbm", {"uniqueness": True}),
}


def judged(name: str) -> Iterator[str]:
    """Lines of the table of one horizon, as they become known."""
    horizon, setting = load_horizons()[name], SETTINGS[name]
    data, refits = _rows(horizon, setting)
    rows = np.concatenate([refit.test for refit in refits])
    spans = LabelSpans(data.as_of_ms[rows], data.label_end_ms[rows])
    yield (
        f"{name}: {len(rows):,} rows of {len(data.symbols)} symbols, {len(refits)} refits, "
        f"{spans.non_overlapping} independent labels"
    )
    yield f"{'member':<17} {'R2':>8} {'rank IC':>8} {'right':>7} {'fit s':>6}  smaller squared error than drift"
    drift, _ = _walked(data, refits, horizon, Drift.name)
    for variant in VARIANTS:
        forecast, seconds = _walked(data, refits, horizon, variant)
        y, baseline = data.y[rows], drift[rows]
        found = diebold_mariano(spans, np.square(y - forecast[rows]), np.square(y - baseline))
        ic = rank_ic(y, forecast[rows])
        yield (
            f"{variant:<17} {r2_against(y, forecast[rows], baseline):>8.4f} {'-' if ic is None else format(ic, '.3f'):>8} "
            f"{directional_accuracy(y, forecast[rows]):>7.3f} {seconds:>6.1f}  {p_text(found.p_value, found.labels)}"
        )


def _rows(horizon: Horizon, setting: Setting) -> tuple[Dataset, tuple[Refit, ...]]:
    series = series_of(data_folder() / "candles" / setting.folder)
    markets = {
        symbol: MarketData(candles)
        for symbol, candles in series.items()
        if symbol != "XMR/USD"  # its candles end in 2024
    }
    data = build_dataset(markets, horizon, feature_spec(horizon, tuple(sorted(markets))))
    return data, walk_forward_refits(
        data.as_of_ms,
        data.label_end_ms,
        first_start_ms=int(data.as_of_ms[0]) + setting.first_fit_days * DAY_MS,
        cadence_ms=setting.cadence_days * DAY_MS,
        window_ms=horizon.train_window_ms,
    )


def _walked(
    data: Dataset, refits: tuple[Refit, ...], horizon: Horizon, variant: str
) -> tuple[FloatArray, float]:
    """Forecasts of all rows, NaN where none was asked for, and the mean seconds of a fit."""
    name, settings = VARIANTS[variant]
    changed = horizon.model_copy(update={"member_settings": {name: settings}})
    forecast, spent = np.full(len(data), np.nan), 0.0
    for refit in refits:
        started = time.perf_counter()
        member = new_member(name, changed, feature_spec(horizon, data.symbols), 7).fit(data.take(refit.train))
        spent += time.perf_counter() - started
        forecast[refit.test] = member.predict(data.X[refit.test])
    return forecast, spent / len(refits)


if __name__ == "__main__":
    for name in sys.argv[1:] or SETTINGS:
        for line in judged(name):
            print(line, flush=True)
