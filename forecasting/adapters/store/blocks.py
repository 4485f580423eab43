"""How candles are cut into calendar blocks, and how a block becomes a document: Arrow IPC, LZ4, with digests.

The values that count now stand alone in `payload`, for nearly every read wants nothing else. When each was received
and from which source is in `received`, the values they replaced in `superseded`. One document is one atomic write,
so that a value and its origin never part. Blocks of an older Foretick have only the payload.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from forecasting.adapters.store.port import ID, VERSION
from forecasting.adapters.store.versions import Block, Versions
from forecasting.candles import CANDLE_COLUMNS, Candles, find_gaps
from forecasting.errors import InvalidCandles, StoreUnavailable
from forecasting.types import DAY_MS, HOUR_MS, IntArray, interval_ms, utc_iso

MOST_SUPERSEDED = 150_000
PAYLOAD, RECEIVED, SUPERSEDED = "payload", "received", "superseded"

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")
_ORIGIN = ("received_ms", "source")
_DIGESTS = {PAYLOAD: "digest", RECEIVED: "received_digest", SUPERSEDED: "superseded_digest"}

Columns = Mapping[str, Any]


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


def encode(document_id: str, block: Block, version: int) -> dict[str, Any]:
    """Make the document of one block, which is not empty.

    Raises
    ------
    InvalidCandles
        More values were superseded than a document may hold.
    """
    candles = block.current.values
    if len(block.superseded) > MOST_SUPERSEDED:
        raise InvalidCandles(
            f"{document_id} was revised so often that {len(block.superseded):,} old values would have to be kept, "
            f"{MOST_SUPERSEDED:,} can be: keep sources that contradict each other in workspaces of their own"
        )
    blobs = {
        PAYLOAD: _pack(_values(candles)),
        RECEIVED: _pack(_origin(block.current)),
        SUPERSEDED: _pack({**_values(block.superseded.values), **_origin(block.superseded)})
        if len(block.superseded)
        else b"",
    }
    return {
        ID: document_id,
        "symbol": candles.symbol,
        "interval": candles.interval,
        "start_ms": int(candles.open_time_ms[0]),
        "last_ms": int(candles.open_time_ms[-1]),
        "rows": len(candles),
        VERSION: version,
        **{_DIGESTS[name]: hashlib.sha256(blob).hexdigest() for name, blob in blobs.items()},
        **_facts(block),
        **blobs,
        "bytes": sum(map(len, blobs.values())),
    }


def _facts(block: Block) -> dict[str, Any]:
    """Tell what is known of a block without reading its bytes."""
    received = np.concatenate([block.current.received_ms, block.superseded.received_ms])
    return {
        "sources": list(block.sources),
        "revisions": len(block.superseded),
        "gaps": len(find_gaps(block.current.values)),
        "oldest_received_ms": int(received.min()),
        "newest_received_ms": int(received.max()),
    }


def decode(document: Mapping[str, Any]) -> Candles:
    """Candles of a block's document with their current values; nothing but the payload is needed.

    Raises
    ------
    StoreUnavailable
        The bytes are not those that were written.
    """
    return _candles(document, _unpack(document, PAYLOAD, document["rows"]))


def decode_block(document: Mapping[str, Any]) -> Block:
    """Everything a block's document holds; what an older Foretick wrote was received at 0 from a source without a name.

    Raises
    ------
    StoreUnavailable
        The bytes are not those that were written.
    """
    current = decode(document)
    if RECEIVED not in document:
        known = Versions.received_at(current, 0, 0)
        return Block(known, known.take(slice(0)), ("",))
    rows = document["revisions"]
    nothing = Versions.received_at(current, 0, 0).take(slice(0))
    old = _unpack(document, SUPERSEDED, rows) if rows else None
    return Block(
        _versions(current, _unpack(document, RECEIVED, len(current))),
        nothing if old is None else _versions(_candles(document, old), old),
        tuple(document["sources"]),
    )


def decode_as_of(document: Mapping[str, Any], as_of_ms: int | None) -> Candles:
    """Candles of a block as they were known at a moment; None means now."""
    if as_of_ms is None or as_of_ms >= newest_received_ms(document):
        return decode(document)
    return decode_block(document).known_at(as_of_ms)


def newest_received_ms(document: Mapping[str, Any]) -> int:
    """When the last version of a block was received; 0 when nobody knows."""
    return int(document.get("newest_received_ms", 0))


def oldest_received_ms(document: Mapping[str, Any]) -> int:
    """When the first version of a block was received; 0 when nobody knows."""
    return int(document.get("oldest_received_ms", 0))


def _values(candles: Candles) -> dict[str, Any]:
    return {name: getattr(candles, name) for name in CANDLE_COLUMNS}


def _origin(versions: Versions) -> dict[str, Any]:
    return {"received_ms": versions.received_ms, "source": versions.source.astype(np.int16)}


def _candles(document: Mapping[str, Any], columns: Columns) -> Candles:
    values = {name: columns[name] for name in CANDLE_COLUMNS}
    return Candles(document["symbol"], document["interval"], **values)


def _versions(candles: Candles, columns: Columns) -> Versions:
    received_ms, source = (columns[name].astype(np.int64) for name in _ORIGIN)
    return Versions(candles, received_ms, source)


def _pack(columns: Columns) -> bytes:
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([pa.array(column) for column in columns.values()], names=list(columns))
    with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
        writer.write_batch(batch)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _unpack(document: Mapping[str, Any], blob: str, rows: int) -> dict[str, Any]:
    """Columns of a blob; its digest is checked before its bytes are parsed."""
    packed = document[blob]
    if hashlib.sha256(packed).hexdigest() != document[_DIGESTS[blob]]:
        raise _damaged(document, "its digest differs")
    batch = pa.ipc.open_stream(pa.py_buffer(packed)).read_next_batch()
    if batch.num_rows != rows:
        raise _damaged(document, f"{rows} rows were written, it holds {batch.num_rows}")
    return {name: batch.column(name).to_numpy(zero_copy_only=True) for name in batch.schema.names}


def _damaged(document: Mapping[str, Any], how: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the stored candles of {document['symbol']} {document['interval']} from {utc_iso(document['start_ms'])} "
        f"are damaged ({how}): restore the store from a copy, or remove it and ingest again"
    )
