"""Columns as bytes, of a simulated run or of a ledger: an Arrow table, compressed, and a digest of the values themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forecasting.errors import StoreUnavailable

Columns = Mapping[str, NDArray[Any]]

_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")


def columns_digest(columns: Columns) -> str:
    """Hex SHA-256 of names and values in their order; it does not know how they are compressed."""
    digest = hashlib.sha256()
    for name, column in columns.items():
        is_text = column.dtype.kind == "U"
        content = "\n".join(column.tolist()).encode() if is_text else np.ascontiguousarray(column).tobytes()
        digest.update(f"{name}|{len(column)}|{len(content)}|".encode() + content)
    return digest.hexdigest()


def packed(columns: Columns) -> bytes:
    """Columns of one length as bytes."""
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_OPTIONS) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def unpacked(content: bytes, digest: str, where: str) -> dict[str, NDArray[Any]]:
    """Inverse of `packed`.

    Raises
    ------
    StoreUnavailable
        The bytes do not hold the columns that the digest was made of.
    """
    try:
        with pa.ipc.open_stream(content) as reader:
            table = reader.read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise StoreUnavailable(f"{where} is damaged ({error}): restore the store from a copy") from error
    columns = {name: _array(table[name]) for name in table.column_names}
    if columns_digest(columns) != digest:
        raise StoreUnavailable(f"{where} is not what was stored: restore the store from a copy")
    return columns


def _array(column: pa.ChunkedArray) -> NDArray[Any]:
    if pa.types.is_string(column.type):
        return np.array(column.to_pylist(), dtype=np.str_)
    values: NDArray[Any] = column.to_numpy()
    return values
