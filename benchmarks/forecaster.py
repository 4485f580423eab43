"""How long a forecaster takes to fit, to be written, to be read back and to answer.

python -m benchmarks.forecaster
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, median_seconds, report, seconds_each
from forecasting.dataset import Dataset
from forecasting.features.specification import feature_spec
from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.horizons import load_horizons
from forecasting.types import HOUR_MS

SYMBOLS = tuple(f"{letter}{letter}{letter}/SIM" for letter in "ABCDEF")
MOMENTS = 14_600
HORIZON = load_horizons()["1h"]
SPEC = feature_spec(HORIZON, SYMBOLS)


def run() -> list[Figure]:
    """Fit six symbols of twenty months of hours, pooled, and ask the forecaster."""
    rows = _rows(np.random.default_rng(7))
    started = time.perf_counter()
    forecaster = Forecaster(HORIZON, SPEC).fit(rows)
    fitting = time.perf_counter() - started
    batch = median_seconds(lambda: forecaster.predict(rows.X), 3)
    taken = np.array(seconds_each(lambda: forecaster.predict(rows.X[:1]), 2000)) * 1e3
    return [
        Figure(
            f"fit all members, {len(rows):,} rows of {len(SPEC.names)} columns",
            fitting,
            "s",
            45,
            at_least=False,
        ),
        Figure("forecast all rows", len(rows) / batch, "rows/s"),
        Figure("forecast one row, median", float(np.median(taken)), "ms", 1.0, at_least=False),
        Figure("forecast one row, 99th percentile", float(np.quantile(taken, 0.99)), "ms"),
        *_bundle(forecaster, rows),
    ]


def _rows(generator: np.random.Generator) -> Dataset:
    count = MOMENTS * len(SYMBOLS)
    symbol = np.tile(np.arange(len(SYMBOLS), dtype=np.int64), MOMENTS)
    X = generator.normal(scale=0.01, size=(count, len(SPEC.names)))
    X[generator.random(X.shape) < 0.03] = np.nan
    X[:, -len(SYMBOLS) :] = np.eye(len(SYMBOLS))[symbol]
    signal = 0.1 * np.nan_to_num(X[:, SPEC.names.index("return_1h")])
    y = signal + 0.01 * generator.standard_t(5, size=count)
    as_of_ms = np.repeat(np.arange(MOMENTS, dtype=np.int64) * HOUR_MS, len(SYMBOLS))
    return Dataset(SPEC.names, SYMBOLS, as_of_ms, as_of_ms + HORIZON.look_ahead_ms, symbol, X, y)


def _bundle(forecaster: Forecaster, rows: Dataset) -> list[Figure]:
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "bundle"
        started = time.perf_counter()
        write_bundle(forecaster, rows, folder)
        writing = time.perf_counter() - started
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        reading = median_seconds(lambda: read_bundle(folder), 5)
    return [
        Figure("write the bundle", writing * 1e3, "ms"),
        Figure("read and check the bundle", reading * 1e3, "ms"),
        Figure("size of the bundle", size / 1e6, "MB"),
    ]


if __name__ == "__main__":
    sys.exit(report("Forecaster", run()))
