"""How often the rule of the regimes speaks of a trend: on noise, on a planted drift, and on files of candles.

Run with `python -m benchmarks.regimes [folder of folders of candle files]`. The figures of docs/regimes.md are its.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, report
from forecasting.adapters.files import read_candles_folder
from forecasting.candles import Candles
from forecasting.features.regime import REGIME_BARS, Regime, regime_of, regime_scores
from forecasting.quality.settling import settle
from forecasting.types import HOUR_MS, FloatArray

BARS = 1_000_000
# Returns are scaled down so far that no drift of a million bars leaves the range of a price.
UNIT = 1e-5
DRIFTS = (0.1, 0.2, 0.3, 0.5)
SHOWN = (Regime.UPTREND, Regime.DOWNTREND, Regime.CHOP, Regime.UNKNOWN)


def normal_noise(rng: np.random.Generator, bars: int) -> FloatArray:
    """Independent normal returns of deviation one."""
    return rng.standard_normal(bars)


def heavy_noise(rng: np.random.Generator, bars: int) -> FloatArray:
    """Independent returns of Student's t with three degrees of freedom, deviation one."""
    return np.asarray(rng.standard_t(3, bars) / math.sqrt(3.0))


def garch_noise(rng: np.random.Generator, bars: int) -> FloatArray:
    """GARCH(1, 1) returns with Student's t shocks of four degrees of freedom, long-run deviation one."""
    shocks = rng.standard_t(4, bars) / np.sqrt(2.0)
    returns, variance = np.empty(bars), 1.0
    for bar, shock in enumerate(shocks):
        returns[bar] = np.sqrt(variance) * shock
        variance = 0.02 + 0.08 * returns[bar] ** 2 + 0.90 * variance
    return returns


def bouncing_noise(rng: np.random.Generator, bars: int) -> FloatArray:
    """Return normal noise that takes back a tenth of the one before, as a bid-ask bounce does."""
    shocks = rng.standard_normal(bars + 1)
    return np.asarray((shocks[1:] - 0.1 * shocks[:-1]) / math.sqrt(1.01))


NOISES: dict[str, Callable[[np.random.Generator, int], FloatArray]] = {
    "normal noise": normal_noise,
    "Student t(3) noise": heavy_noise,
    "GARCH-t noise": garch_noise,
    "bouncing noise": bouncing_noise,
}


def priced(returns: FloatArray) -> Candles:
    """Candles of an hour whose log returns are these units."""
    close = 100 * np.exp(np.cumsum(np.r_[0.0, UNIT * returns]))
    times = HOUR_MS * np.arange(len(close))
    return Candles("NOISE/SIM", "1h", times, close, close, close, close, np.ones(len(close)))


def labels_of(candles: Candles) -> list[Regime]:
    """Regime at each close that has a whole window behind it."""
    return [regime_of(score) for score in regime_scores(candles)[REGIME_BARS:].tolist()]


def share(labels: Sequence[Regime], *wanted: Regime) -> float:
    """Percent of the labels that are among those wanted; NaN of none."""
    return 100 * float(np.mean([label in wanted for label in labels])) if labels else math.nan


def mean_bars(series: Sequence[Sequence[Regime]], wanted: Regime) -> float:
    """Mean length of the runs of a label within each series, in bars; NaN where there is none."""
    runs = [len(list(run)) for labels in series for label, run in groupby(labels) if label is wanted]
    return float(np.mean(runs)) if runs else math.nan


def size_figures(seed: int = 7) -> list[Figure]:
    """Share of windows of driftless noise that are called a trend: the demand is the rule's promise."""
    figures = []
    for name, noise in NOISES.items():
        labels = labels_of(priced(noise(np.random.default_rng(seed), BARS)))
        trends = share(labels, Regime.UPTREND, Regime.DOWNTREND)
        figures += [
            Figure(f"{name}: called a trend", trends, "% of windows", 20.5, at_least=False),
            Figure(f"{name}: called an uptrend", share(labels, Regime.UPTREND), "% of windows"),
        ]
    return figures


def power_figures(seed: int = 8) -> list[Figure]:
    """Share of windows with an upward drift that are called an uptrend, and a downtrend by mistake."""
    figures = []
    for name in ("normal noise", "GARCH-t noise"):
        returns = NOISES[name](np.random.default_rng(seed), BARS)
        for drift in DRIFTS:
            labels = labels_of(priced(returns + drift))
            told = f"{name}, drift of {drift} deviations a bar"
            figures += [
                Figure(f"{told}: called an uptrend", share(labels, Regime.UPTREND), "% of windows"),
                Figure(f"{told}: called a downtrend", share(labels, Regime.DOWNTREND), "% of windows"),
            ]
    return figures


def file_figures(folder: Path) -> list[Figure]:
    """Shares and mean lengths of the regimes in a folder of candle files, all its markets together."""
    series = [labels_of(settle(each.rows, "first").rows.to_candles()) for each in read_candles_folder(folder)]
    labels = [label for part in series for label in part]
    figures = [Figure(f"{folder.name}: windows", len(labels), f"of {len(series)} markets")]
    for regime in SHOWN:
        if regime in labels:
            told = f"{folder.name}: {regime.value}"
            figures += [
                Figure(told, share(labels, regime), "% of windows"),
                Figure(f"{told}, mean length", mean_bars(series, regime), "bars"),
            ]
    return figures


def run(data: Path | None = None) -> list[Figure]:
    """Measure size and power on noise, and what the rule says of each folder of candle files."""
    folders = [] if data is None else sorted(path for path in data.iterdir() if path.is_dir())
    return [
        *size_figures(),
        *power_figures(),
        *(figure for folder in folders for figure in file_figures(folder)),
    ]


if __name__ == "__main__":
    sys.exit(report("Regimes", run(*map(Path, sys.argv[1:2]))))
