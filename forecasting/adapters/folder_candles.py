"""Candles of a folder of files at one interval, read and not stored."""

from __future__ import annotations

from pathlib import Path

from forecasting.adapters.files import read_candles_folder
from forecasting.candles import Candles, resample
from forecasting.quality.settling import settle
from forecasting.types import interval_ms


def candles_of_folder(folder: Path, interval: str) -> dict[str, Candles]:
    """Read the files of a folder; finer candles are resampled where a symbol has none of the interval itself.

    Raises
    ------
    InputError
        A file cannot be read, or contradicts itself.
    """
    wanted_ms = interval_ms(interval)
    found: dict[str, Candles] = {}
    for report in sorted(read_candles_folder(folder), key=lambda each: interval_ms(each.interval)):
        divides = wanted_ms % interval_ms(report.interval) == 0
        if divides and (report.symbol not in found or report.interval == interval):
            found[report.symbol] = settle(report.rows).rows.to_candles()
    return {
        symbol: candles if candles.interval == interval else resample(candles, interval)
        for symbol, candles in found.items()
    }
