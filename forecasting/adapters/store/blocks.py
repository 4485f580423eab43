"""How candles are cut into calendar blocks, and how a block becomes bytes: Arrow IPC, LZ4, with a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from forecasting.adapters.store.port import ID, VERSION
from forecasting.candles import CANDLE_COLUMNS, OPEN_TIME, Candles
from forecasting.errors import StoreUnavailable
from forecasting.types import DAY_MS, HOUR_MS, IntArray, interval_ms, utc_iso

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


def block_name(interval: str, moment_ms: int) -> str:
    """Name the calendar block of a moment: a month below 1h, a year below 1d, a decade from there on.

    Examples
    --------
    >>> block_name("1m", 1_735_689_600_000), block_name("1h", 0), block_name("1d", 0)
    ('2025-01', '1970', '197x')
    """
    moment = datetime.fromtimestamp(moment_ms / 1000, tz=UTC)
    if interval_ms(interval) < HOUR_MS:
        return f"{moment.year:04d}-{moment.month:02d}"
    return f"{moment.year:04d}" if interval_ms(interval) < DAY_MS else f"{moment.year // 10:03d}x"


def cut(candles: Candles) -> Iterator[tuple[str, Candles]]:
    """Split candles into blocks, oldest first."""
    start = 0
    while start < len(candles):
        name = block_name(candles.interval, int(candles.open_time_ms[start]))
        stop = start + _leading(candles.open_time_ms[start:], candles.interval, name)
        yield name, candles.take(slice(start, stop))
        start = stop


def _leading(times: IntArray, interval: str, name: str) -> int:
    low, high = 1, len(times)
    while low < high:
        middle = (low + high + 1) // 2
        inside = block_name(interval, int(times[middle - 1])) == name
        low, high = (middle, high) if inside else (low, middle - 1)
    return low


def encode(document_id: str, candles: Candles, version: int) -> dict[str, Any]:
    """Make the document of one block; the candles are not empty."""
    sink = pa.BufferOutputStream()
    batch = pa.record_batch(
        [pa.array(getattr(candles, name)) for name in CANDLE_COLUMNS], names=list(CANDLE_COLUMNS)
    )
    with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
        writer.write_batch(batch)
    payload = sink.getvalue().to_pybytes()
    return {
        ID: document_id,
        "symbol": candles.symbol,
        "interval": candles.interval,
        "start_ms": int(candles.open_time_ms[0]),
        "last_ms": int(candles.open_time_ms[-1]),
        "rows": len(candles),
        VERSION: version,
        "digest": hashlib.sha256(payload).hexdigest(),
        "payload": payload,
    }


def decode(document: Mapping[str, Any]) -> Candles:
    """Candles of a block's document; the digest is checked before the bytes are parsed.

    Raises
    ------
    StoreUnavailable
        The bytes are not those that were written.
    """
    payload = document["payload"]
    if hashlib.sha256(payload).hexdigest() != document["digest"]:
        raise _damaged(document, "its digest differs")
    batch = pa.ipc.open_stream(pa.py_buffer(payload)).read_next_batch()
    if batch.num_rows != document["rows"]:
        raise _damaged(document, f"{document['rows']} rows were written, it holds {batch.num_rows}")
    columns = {name: batch.column(name).to_numpy(zero_copy_only=True) for name in CANDLE_COLUMNS}
    return Candles(document["symbol"], document["interval"], **columns)


def _damaged(document: Mapping[str, Any], how: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the stored candles of {document['symbol']} {document['interval']} from {utc_iso(document['start_ms'])} "
        f"are damaged ({how}): restore the store from a copy, or remove it and ingest again"
    )


def join(symbol: str, interval: str, parts: list[Candles]) -> Candles:
    """One table of blocks that follow each other."""
    if not parts:
        return Candles.empty(symbol, interval)
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in CANDLE_COLUMNS}
    return Candles(symbol, interval, **columns)


def merge(stored: Candles, new: Candles) -> tuple[Candles, int, int, int]:
    """Union of two tables by open time, the new values winning; how many rows were added, unchanged, revised."""
    known = np.isin(new.open_time_ms, stored.open_time_ms, assume_unique=True)
    places = np.searchsorted(stored.open_time_ms, new.open_time_ms[known])
    same = np.ones(len(places), dtype=np.bool_)
    for name in CANDLE_COLUMNS:
        same &= getattr(stored, name)[places] == getattr(new, name)[known]
    added, unchanged = int(len(new) - known.sum()), int(same.sum())
    kept = stored.take(~np.isin(stored.open_time_ms, new.open_time_ms, assume_unique=True))
    union = join(new.symbol, new.interval, [kept, new])
    ordered = union.take(np.argsort(getattr(union, OPEN_TIME), kind="stable"))
    return ordered, added, unchanged, len(places) - unchanged
