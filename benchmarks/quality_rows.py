"""Rows of real series that contenders are judged on, and the refits before them: one set for all contenders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from benchmarks.peers.judged import Fold, Market, Rows
from benchmarks.real_series import Series, series_of
from forecasting.dataset import Dataset
from forecasting.features.market import MarketData
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import FeatureSpec, feature_spec
from forecasting.horizons import Horizon, load_horizons
from forecasting.splits.walk_forward import Refit, walk_forward_refits
from forecasting.types import DAY_MS

Phase = Literal["development", "final"]

FINAL_SHARE = 0.2
DEVELOPMENT_SHARE = 0.3
# A series must begin so much of the time before the first refit earlier.
LEAST_HISTORY_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Setting:
    """Which candles a horizon is judged on, and how often all contenders are refitted."""

    folder: str
    cadence_days: int


SETTINGS = {
    "1m": Setting("minute-2025", 6),
    "1h": Setting("hour-2020-2025", 92),
    "1d": Setting("day-2020-2025", 30),
    "7d": Setting("day-2020-2025", 30),
    "30d": Setting("day-yahoo-2014-2023", 92),
}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One horizon to be judged: rows, refits, and the series that they are made of."""

    horizon: Horizon
    spec: FeatureSpec
    data: Dataset
    refits: tuple[Refit, ...]
    series: Series

    @property
    def judged(self) -> Dataset:
        """Rows that every contender answers, in this order."""
        return self.data.take(np.concatenate([refit.test for refit in self.refits]))

    def for_peers(self) -> Rows:
        """Return the same rows and refits as plain arrays."""
        data = self.data
        return Rows(
            feature_names=data.feature_names,
            symbols=data.symbols,
            step_ms=self.horizon.base_interval_ms,
            bars=self.horizon.look_ahead_bars,
            as_of_ms=data.as_of_ms,
            label_end_ms=data.label_end_ms,
            symbol=data.symbol,
            X=data.X,
            y=data.y,
            folds=tuple(Fold(refit.start_ms, refit.train, refit.test) for refit in self.refits),
            markets={
                name: Market(self.series[name].close_time_ms, self.series[name].close)
                for name in data.symbols
            },
        )


def case_of(name: str, folder: Path, phase: Phase) -> Case:
    """Rows and refits of one horizon on the candles below a data folder."""
    setting = SETTINGS[name]
    return judged_case(
        load_horizons()[name], series_of(folder / "candles" / setting.folder), setting.cadence_days, phase
    )


def judged_case(horizon: Horizon, series: Series, cadence_days: int, phase: Phase) -> Case:
    """Build rows and refits; series that end early, or begin too late to be learned, are left out.

    The final phase judges the last fifth of the time; development ends before it, labels included, and judges the three
    tenths before. Rows without volatility carry no interval, and are judged for nobody.
    """
    start_ms, final_ms = _starts(series, phase)
    first_ms = min(int(candles.close_time_ms[0]) for candles in series.values())
    early_ms = start_ms - round(LEAST_HISTORY_SHARE * (start_ms - first_ms))
    reaching = {name: each for name, each in _latest(series).items() if each.close_time_ms[0] <= early_ms}
    spec = feature_spec(horizon, tuple(sorted(reaching)))
    data = build_dataset({name: MarketData(candles) for name, candles in reaching.items()}, horizon, spec)
    if phase == "development":
        data = data.take(data.label_end_ms <= final_ms)
    refits = walk_forward_refits(
        data.as_of_ms,
        data.label_end_ms,
        first_start_ms=start_ms,
        cadence_ms=cadence_days * DAY_MS,
        window_ms=horizon.train_window_ms,
    )
    assert data.volatility is not None
    told = np.isfinite(data.volatility)
    judged = tuple(replace(refit, test=refit.test[told[refit.test]]) for refit in refits)
    return Case(horizon, spec, data, judged, reaching)


def _latest(series: Series) -> Series:
    """Series that reach into the last month of the newest one."""
    newest_ms = max(int(candles.close_time_ms[-1]) for candles in series.values())
    return {name: each for name, each in series.items() if each.close_time_ms[-1] > newest_ms - 30 * DAY_MS}


def _starts(series: Series, phase: Phase) -> tuple[int, int]:
    """Begin of the judged time, and of the last fifth."""
    used = _latest(series).values()
    first_ms = min(int(candles.close_time_ms[0]) for candles in used)
    last_ms = max(int(candles.close_time_ms[-1]) for candles in used)
    final_ms = last_ms - round(FINAL_SHARE * (last_ms - first_ms))
    if phase == "final":
        return final_ms, final_ms
    return final_ms - round(DEVELOPMENT_SHARE * (last_ms - first_ms)), final_ms
