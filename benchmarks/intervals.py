"""Whether intervals hold what they promise: on simulated shocks, and on walk-forward forecasts of real candles.

Run with `python -m benchmarks.intervals [folder of hourly candles] [folder of daily candles]`; the figures of
docs/intervals.md are its. Interval widths are those of the 90 % interval.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, report
from benchmarks.interval_market import Trial, trial
from benchmarks.real_intervals import HORIZONS, walked
from forecasting.inference.spans import LabelSpans
from forecasting.intervals.adaptive import AdaptiveIntervals
from forecasting.intervals.rows import ForecastRows
from forecasting.intervals.scores import conformal_quantile
from forecasting.intervals.walking import walk_intervals
from forecasting.metrics.intervals import interval_coverage, interval_width
from forecasting.types import BoolArray, FloatArray

PATHS = 150
LOOK_AHEADS = (1, 24, 168)
LEVEL = 0.9
# From so many labels on that do not overlap, a coverage is held to fixed bounds and not to its own chance.
ENOUGH_LABELS = 500

Ends = FloatArray


def static_ends(case: Trial, _look_ahead_bars: int) -> Ends:
    """Split conformal: one width for ever, from the labels known before the judged rows."""
    first = int(case.rows.as_of_ms[case.steady][0])
    known = case.rows.label_end_ms <= first
    width = conformal_quantile(np.sort(np.abs(case.rows.y[known])).tolist(), LEVEL)
    return np.tile([-width, width], (len(case.rows), 1))


def plain_ends(case: Trial, look_ahead_bars: int) -> Ends:
    """Adaptive conformal as ours, but blind to volatility."""
    return adaptive_ends(replace(case, rows=_unscaled(case.rows)), look_ahead_bars)


def adaptive_ends(case: Trial, look_ahead_bars: int) -> Ends:
    """Adaptive conformal, scaled by volatility: what forecasts carry."""
    return walk_intervals(AdaptiveIntervals(look_ahead_bars), case.rows)[:, -1]


METHODS: dict[str, Callable[[Trial, int], Ends]] = {
    "static": static_ends,
    "plain ACI": plain_ends,
    "ours": adaptive_ends,
}


def _unscaled(rows: ForecastRows) -> ForecastRows:
    return replace(rows, volatility=np.ones(len(rows)))


def simulated(look_ahead_bars: int, paths: int = PATHS, seed: int = 7) -> list[Figure]:
    """Coverage of each method on the same paths, with its standard error over the paths."""
    shares: dict[str, list[list[float]]] = {name: [] for name in METHODS}
    for path in range(paths):
        case = trial(np.random.default_rng([seed, look_ahead_bars, path]), look_ahead_bars)
        for name, method in METHODS.items():
            ends = method(case, look_ahead_bars)
            parts = (case.steady, case.shaken)
            shares[name].append([_coverage(case.rows.y[part], ends[part]) for part in parts])
    figures = []
    for name, found in shares.items():
        steady, shaken = np.mean(found, axis=0)
        errors = np.std(found, axis=0, ddof=1) / math.sqrt(paths)
        told = f"{look_ahead_bars} bars, {name}"
        held = name == "ours"
        figures += [
            *_between(f"{told}: steady", steady, 89.0, 91.0, held),
            Figure(f"{told}: steady, standard error", errors[0], "points"),
            Figure(f"{told}: after the shock", shaken, "%", 87.0 if held else None),
            Figure(f"{told}: after the shock, standard error", errors[1], "points"),
        ]
    return figures


def _coverage(y: FloatArray, ends: Ends) -> float:
    return 100 * interval_coverage(y, ends[:, 0], ends[:, 1])


def _between(name: str, value: float, least: float, most: float, held: bool) -> list[Figure]:
    if not held:
        return [Figure(name, value, "%")]
    return [Figure(name, value, "%", least), Figure(f"{name}, not above", value, "%", most, at_least=False)]


def measured(name: str, folder: Path) -> list[Figure]:
    """Coverage and width of one horizon on a folder of candles, all symbols and each."""
    rows, ends = walked(HORIZONS[name], folder)
    given = ~np.isnan(ends[:, 0, 0])
    spans = LabelSpans(rows.as_of_ms[given], rows.label_end_ms[given])
    labels = spans.non_overlapping
    y, low_high = rows.y[given], ends[given]
    chance = 200 * math.sqrt(LEVEL * (1 - LEVEL) / labels)
    room = 2.0 if labels >= ENOUGH_LABELS else chance
    wide = low_high[:, 1]
    return [
        Figure(f"{name}: rows", len(y), "rows"),
        Figure(f"{name}: labels that do not overlap", labels, "labels"),
        Figure(f"{name}: 80 % interval", _coverage(y, low_high[:, 0]), "%"),
        *_between(f"{name}: 90 % interval", _coverage(y, wide), 90 - room, 90 + room, True),
        Figure(f"{name}: two standard errors", chance, "points"),
        Figure(f"{name}: mean width", 100 * interval_width(wide[:, 0], wide[:, 1]), "% of price"),
        *_of_each(name, rows, ends, given),
    ]


def _of_each(name: str, rows: ForecastRows, ends: FloatArray, given: BoolArray) -> list[Figure]:
    figures = []
    for number, symbol in enumerate(rows.symbols):
        own = given & (rows.symbol == number)
        figures.append(Figure(f"{name} {symbol}: 90 % interval", _coverage(rows.y[own], ends[own, 1]), "%"))
    return figures


def run(hours: Path | None = None, days: Path | None = None) -> list[Figure]:
    """Simulate shocks and measure each horizon whose candles are given."""
    figures = [figure for bars in LOOK_AHEADS for figure in simulated(bars)]
    for folder, interval in ((hours, "1h"), (days, "1d")):
        names = [name for name, each in HORIZONS.items() if folder and each.base_interval == interval]
        figures += [figure for name in names for figure in measured(name, Path(str(folder)))]
    return figures


if __name__ == "__main__":
    sys.exit(report("Intervals", run(*map(Path, sys.argv[1:3]))))
