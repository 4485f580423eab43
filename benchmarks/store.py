"""Rows per second of candle blocks against one document a candle, on both engines of the store.

Run with `python -m benchmarks.store`: one year of simulated minutes of one symbol in blocks, and the first 20,000 of
them as a document each, through the same engine. The same year again with every hundredth volume revised is read as of
the time before. MongoDB is the stand-in server over loopback, through pymongo.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure, median_seconds, report
from benchmarks.process_memory import peak_growth
from deployments.local.stand_in_mongo import stand_in_mongo
from forecasting.adapters.store import open_store
from forecasting.adapters.store.candle_blocks import CandleStore
from forecasting.adapters.store.collections import EVENTS
from forecasting.adapters.store.port import ID, DocumentStore
from forecasting.candles import CANDLE_COLUMNS, OPEN_TIME, VALUE_COLUMNS, Candles
from forecasting.types import DAY_MS, MINUTE_MS

DATABASE = "benchmark"
MINUTES = 525_600
SINGLE_ROWS = 20_000
START_MS = 1_735_689_600_000
RECEIVED_MS = START_MS + 366 * DAY_MS
REVISED_EVERY = 100
SQLITE_READ = 5e6
MONGO_READ = 1e6


def simulated_minutes() -> Candles:
    """One year of minutes as exchanges print them: prices in cents, amounts with five decimals."""
    rng = np.random.default_rng(7)
    close = np.round(40_000 * np.exp(np.cumsum(1e-3 * rng.standard_normal(MINUTES))), 2)
    opening = np.r_[close[0], close[:-1]]
    high = np.round(np.maximum(opening, close) * (1 + 1e-4 * rng.random(MINUTES)), 2)
    low = np.round(np.minimum(opening, close) * (1 - 1e-4 * rng.random(MINUTES)), 2)
    volume = np.round(rng.lognormal(2, 1, MINUTES), 5)
    times = START_MS + MINUTE_MS * np.arange(MINUTES)
    return Candles("BTC/USDT", "1m", times, opening, high, low, close, volume)


class SingleDocuments:
    """What everybody does first: one document a candle, over the same port."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def write(self, candles: Candles) -> None:
        """Store candles in a collection that is indexed by time."""
        columns = [getattr(candles, name).tolist() for name in VALUE_COLUMNS]
        self._store.put_many(
            EVENTS,
            [
                {
                    ID: f"{candles.symbol}|{time}",
                    "timestamp_ms": time,
                    "received_ms": RECEIVED_MS,
                    **dict(zip(VALUE_COLUMNS, row, strict=True)),
                }
                for time, *row in zip(candles.open_time_ms.tolist(), *columns, strict=True)
            ],
        )

    def read(self, symbol: str, interval: str) -> Candles:
        """All candles, in the order of time."""
        found = list(self._store.find(EVENTS, sort="timestamp_ms"))
        columns = {name: np.array([each[name] for each in found]) for name in VALUE_COLUMNS}
        columns[OPEN_TIME] = np.array([each["timestamp_ms"] for each in found], dtype=np.int64)
        return Candles(symbol, interval, **columns)


def run() -> list[Figure]:
    """Measure both engines, after checking that what is read is what was written."""
    candles = simulated_minutes()
    with tempfile.TemporaryDirectory() as folder, stand_in_mongo() as uri:
        path = Path(folder) / "store.db"
        return [
            *_measure("SQLite", None, path, candles, SQLITE_READ),
            *_measure("pymongo", uri, path, candles, MONGO_READ),
        ]


def _measure(engine: str, uri: str | None, path: Path, candles: Candles, demand: float) -> list[Figure]:
    store = open_store(uri, path, DATABASE)
    blocks, singles, few = CandleStore(store), SingleDocuments(store), candles.take(slice(SINGLE_ROWS))
    written = _write_rate(lambda table: blocks.write(table, "first", RECEIVED_MS), candles)
    singly_written = _write_rate(singles.write, few, repeats=1)
    again = _write_rate(lambda table: blocks.write(table, "again", RECEIVED_MS + 1), candles)
    read = _read_rate(blocks.read_candles, candles, repeats=15)
    read_before = _read_rate_as_of(blocks, candles)
    singly_read = _read_rate(singles.read, few, repeats=3)
    store.close()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        growth = fresh.submit(_read_growth, uri, path, candles.symbol, candles.interval).result()
    return [
        Figure(f"{engine}, blocks, read {MINUTES:,} rows", read, "rows/s", demand),
        Figure(f"{engine}, blocks, read {MINUTES:,} rows as of before 1 % were revised", read_before, "rows/s"),
        Figure(f"{engine}, one document a candle, read {SINGLE_ROWS:,} rows", singly_read, "rows/s"),
        Figure(f"{engine}, blocks against single documents, read", read / singly_read, "times"),
        Figure(f"{engine}, blocks, write {MINUTES:,} rows", written, "rows/s"),
        Figure(f"{engine}, blocks, write {MINUTES:,} rows that are there already", again, "rows/s"),
        Figure(f"{engine}, one document a candle, write {SINGLE_ROWS:,} rows", singly_written, "rows/s"),
        Figure(f"{engine}, blocks, peak memory of the read over the table it gives", growth / _size(candles), "times"),
    ]  # fmt: skip


def _write_rate(write: Callable[[Candles], object], candles: Candles, repeats: int = 3) -> float:
    """Each repeat writes a symbol of its own, the last one `candles` itself."""
    others = [replace(candles, symbol=f"{candles.symbol}:{number}") for number in range(1, repeats)]
    tables = iter([*others, candles])
    return len(candles) / median_seconds(lambda: write(next(tables)), repeats)


def _read_rate(read: Callable[[str, str], Candles], candles: Candles, repeats: int) -> float:
    assert read(candles.symbol, candles.interval).fingerprint() == candles.fingerprint()
    return len(candles) / median_seconds(lambda: read(candles.symbol, candles.interval), repeats)


def _read_rate_as_of(blocks: CandleStore, candles: Candles) -> float:
    """Read the values that counted before a revision, in a series of its own."""
    first = replace(candles, symbol=f"{candles.symbol}:revised")
    blocks.write(first, "first", RECEIVED_MS)
    blocks.write(revised(first), "second", RECEIVED_MS + DAY_MS)

    def read(symbol: str, interval: str) -> Candles:
        return blocks.read_candles(symbol, interval, as_of_ms=RECEIVED_MS)

    return _read_rate(read, first, repeats=5)


def revised(candles: Candles) -> Candles:
    """Every hundredth candle with another volume."""
    volume = candles.volume.copy()
    volume[::REVISED_EVERY] += 1
    return replace(candles, volume=volume)


def _read_growth(uri: str | None, path: Path, symbol: str, interval: str) -> float:
    store = open_store(uri, path, DATABASE)
    candles = CandleStore(store)
    candles.read_candles(symbol, interval, 0, START_MS + MINUTE_MS)  # opens what the first read opens
    growth = peak_growth(lambda: candles.read_candles(symbol, interval))
    store.close()
    return growth


def _size(candles: Candles) -> int:
    return sum(getattr(candles, name).nbytes for name in CANDLE_COLUMNS)


if __name__ == "__main__":
    sys.exit(report("Store", run()))
