"""The honest figure of the overlap study when its windows begin on other days: `python -m benchmarks.overlap`.

One history has one honest figure for each choice of days; the p-value of a single choice is easily taken for news.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from statistics import fmean

from benchmarks.figures import Figure, report
from benchmarks.real_series import data_folder
from forecasting.adapters.daily_candles import daily_of_folder
from forecasting.candles import Candles
from forecasting.horizons import load_horizons
from forecasting.studies.overlap import study_overlap
from forecasting.types import DAY_MS

LATER_DAYS = (0, 25, 50, 75, 100, 125)


def run() -> list[Figure]:
    """Repeat the study on real daily candles from six first days on."""
    candles = daily_of_folder(data_folder() / "candles" / "day-yahoo-2014-2023")
    return [figure for days in LATER_DAYS for figure in _figures(candles, days)]


def _figures(candles: Mapping[str, Candles], days: int) -> list[Figure]:
    first_ms = max(int(each.open_time_ms[0]) for each in candles.values()) + days * DAY_MS
    later = {symbol: each.between(first_ms, None) for symbol, each in candles.items()}
    found = study_overlap(later, load_horizons()["7d"], asks=0)
    flattering = [each.overlapping for each in found.windows]
    p_value = float("nan") if found.together.p_value is None else found.together.p_value
    return [
        Figure(f"{days} days later: overlapping, mean of the windows", 100 * fmean(flattering), "%", 80.0),
        Figure(f"{days} days later: overlapping, lowest window", 100 * min(flattering), "%"),
        Figure(f"{days} days later: purged, all windows", 100 * found.honest.mean, "%"),
        Figure(f"{days} days later: p-value of the purged directions", p_value, ""),
    ]


if __name__ == "__main__":
    sys.exit(report("The overlap study, begun on other days", run()))
