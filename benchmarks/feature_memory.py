"""Peak memory of reading 50 symbols of 90 days of minutes from the store and computing 20 features of each minute.

Run with `python -m benchmarks.feature_memory`: simulated candles go into a SQLite store in one process, another
reads them and pools all rows with their labels; its high-water mark counts everything, interpreter included.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, report
from benchmarks.process_memory import high_water_bytes
from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.event_store import EventStore
from forecasting.candles import Candles
from forecasting.events import EventRecord
from forecasting.features.market import markets_of
from forecasting.features.pooled import build_dataset
from forecasting.features.specification import FeatureSpec
from forecasting.horizons import load_horizons
from forecasting.types import DAY_MS, MINUTE_MS

SYMBOLS = tuple(f"S{number:02d}/SIM" for number in range(50))
DAYS, EVENTS = 90, 2_000
START_MS = 1_735_689_600_000
STOP_MS = START_MS + DAYS * DAY_MS
SPEC = FeatureSpec("1m", SYMBOLS[:2], (1, 3, 7, 14, 30))
GIB = 2.0**30
MOST_GIB = 2.0


def write_market(path: Path) -> None:
    """Fill a store with random walks and events."""
    store = open_store(None, path, "unused")
    rng = np.random.default_rng(7)
    times = np.arange(START_MS, STOP_MS, MINUTE_MS)
    for symbol in SYMBOLS:
        close = 100 * np.exp(np.cumsum(1e-3 * rng.standard_normal(len(times))))
        CandleStore(store).write(Candles(symbol, "1m", times, close, close, close, close, close))
    moments = np.sort(rng.integers(START_MS, STOP_MS, EVENTS)).tolist()
    records = [EventRecord(moment, "a paper", str(moment), "", (), False, "news") for moment in moments]
    EventStore(store).write(records, START_MS, STOP_MS)
    store.close()


def read_and_compute(path: Path) -> tuple[int, int, float]:
    """Rows and columns of the pooled dataset, and the peak of this process in bytes."""
    store = open_store(None, path, "unused")
    candles = {symbol: CandleStore(store).read_base(symbol, "1m") for symbol in SYMBOLS}
    events = {symbol: found for symbol in SYMBOLS if (found := EventStore(store).read(symbol)) is not None}
    rows = build_dataset(markets_of(candles, events), load_horizons()["1m"], SPEC)
    store.close()
    return (*rows.X.shape, high_water_bytes())


def run() -> list[Figure]:
    """Write and measure in processes of their own."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "store.db")
        _child("write", path)
        rows, columns, peak = map(float, _child("read", path).split())
    name = f"peak memory, {len(SYMBOLS)} symbols of {DAYS} days of minutes: {rows:,.0f} rows, {columns:.0f} features"
    return [Figure(name, peak / GIB, "GiB", MOST_GIB, at_least=False)]


def _child(task: str, path: str) -> str:
    command = [sys.executable, "-m", "benchmarks.feature_memory", task, path]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main(arguments: list[str]) -> int:
    """Be the whole benchmark, or one of its two processes."""
    if arguments[:1] == ["write"]:
        write_market(Path(arguments[1]))
    elif arguments[:1] == ["read"]:
        print(*read_and_compute(Path(arguments[1])))
    else:
        return report("Feature memory", run())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
