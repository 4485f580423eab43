"""Made-up rows to find faults in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecasting.candles import VALUE_COLUMNS, Candles
from forecasting.quality.raw import RawCandles, SourceFile
from forecasting.quality.timeline import Timeline, timeline
from forecasting.types import IntArray, interval_ms
from tests.forecasting.adapters.files.walks import START_MS, made_up_rows

LATE_MS = START_MS * 2


def raw_of(candles: Candles) -> RawCandles:
    """Rows with values of their own, which may be written to."""
    raw = RawCandles.of(candles, SourceFile("made up"))
    return replace(raw, open_time_ms=raw.open_time_ms.copy(), values=raw.values.copy())


def walk(count: int = 60, *, symbol: str = "AAA/USD", interval: str = "1h", seed: int = 3) -> Candles:
    table = made_up_rows(count, step_ms=interval_ms(interval), seed=seed)
    times: IntArray = table["time"].to_numpy(dtype=np.int64)
    return Candles(symbol, interval, times, *(table[name].to_numpy(copy=True) for name in VALUE_COLUMNS))


def line_of(candles: Candles, context: Candles | None = None) -> Timeline:
    return timeline(raw_of(candles), context)
