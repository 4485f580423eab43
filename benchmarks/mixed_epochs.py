"""Real candles written with their times in seconds, milliseconds and microseconds by turns, and read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from forecasting.adapters.files import read_candles_file
from forecasting.candles import Candles
from forecasting.quality.settling import settle

UNITS = np.array([1e-3, 1.0, 1e3])


def write_mixed(candles: Candles, rng: np.random.Generator, folder: Path) -> Path:
    """Write candles as csv; from three random rows on, the epochs are in another unit each."""
    table = candles.to_frame()
    changes = np.sort(rng.choice(np.arange(1, len(candles)), size=3, replace=False))
    unit = np.searchsorted(changes, np.arange(len(candles)), side="right")
    units = rng.permutation(UNITS)[[0, 1, 2, 0]]
    table["open_time_ms"] = [
        int(time * units[each]) for time, each in zip(candles.open_time_ms, unit, strict=True)
    ]
    path = folder / f"mixed-{candles.interval}.csv"
    table.rename(columns={"open_time_ms": "unix"}).to_csv(path, index=False)
    return path


def mixture_found(candles: Candles, rng: np.random.Generator, folder: Path) -> bool:
    """Whether every time is read as it was, and the mixture is told."""
    path = write_mixed(candles, rng, folder)
    (report,) = read_candles_file(path, symbol=candles.symbol, interval=candles.interval)
    times = settle(report.rows).rows.open_time_ms
    told = any("are mixed" in note for note in report.notes)
    return told and np.array_equal(times, candles.open_time_ms)
