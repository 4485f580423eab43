"""Candles of a folder at one interval."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from forecasting.adapters.folder_candles import candles_of_folder
from forecasting.candles import Candles, resample
from forecasting.types import DAY_MS, HOUR_MS


def written(folder: Path, name: str, step_ms: int, rows: int) -> Candles:
    """A series that climbs by one each bar, as a file and as candles."""
    close = 100.0 + np.arange(rows)
    times = np.arange(rows, dtype=np.int64) * step_ms + 20_000 * DAY_MS
    interval = "1h" if step_ms == HOUR_MS else "1d"
    candles = Candles(name.replace("_", "/"), interval, times, close, close, close, close, np.ones(rows))
    frame = candles.to_frame().rename(columns={"open_time_ms": "timestamp"})
    frame.to_csv(folder / f"{name}-{interval}.csv", index=False)
    return candles


def test_finer_candles_are_resampled(tmp_path: Path) -> None:
    hours = written(tmp_path, "BTC_USD", HOUR_MS, 24 * 5)
    (found,) = candles_of_folder(tmp_path, "1d").values()
    assert found.interval == "1d"
    assert np.array_equal(found.close, resample(hours, "1d").close)


def test_candles_of_the_interval_itself_are_preferred(tmp_path: Path) -> None:
    written(tmp_path, "BTC_USD", HOUR_MS, 24 * 5)
    days = written(tmp_path, "BTC_USD", DAY_MS, 9)
    assert np.array_equal(candles_of_folder(tmp_path, "1d")["BTC/USD"].close, days.close)


def test_coarser_candles_are_not_used(tmp_path: Path) -> None:
    written(tmp_path, "BTC_USD", DAY_MS, 9)
    assert candles_of_folder(tmp_path, "1h") == {}
