"""JSON candles: a list of rows, a list of records, or columns by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa

from forecasting.adapters.files.raw_table import RawTable
from forecasting.errors import UnreadableFile

_NEEDED = "a list of rows, a list of records or an object of columns is needed"


def parse_document(content: bytes, source: str) -> RawTable:
    """Read a JSON document into columns.

    Raises
    ------
    UnreadableFile
        The bytes are not JSON, or not one of the three shapes.
    """
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(f"{source}: no readable JSON ({error}): fetch or write it again") from error
    return _table(_unwrap(document), source)


def _unwrap(document: Any) -> Any:
    """Open an answer such as {"Response": ..., "Data": [...]} that holds exactly one list of rows."""
    if not isinstance(document, Mapping) or _is_columns(document):
        return document
    inner = [value for value in document.values() if isinstance(value, Mapping) or _is_rows(value)]
    return _unwrap(inner[0]) if len(inner) == 1 else document


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list | Mapping)


def _is_columns(document: Mapping[str, Any]) -> bool:
    sizes = {len(value) if isinstance(value, list | Mapping) else -1 for value in document.values()}
    return (
        len(document) > 1
        and len(sizes) == 1
        and -1 not in sizes
        and not any(map(_is_rows, document.values()))
    )


def _table(document: Any, source: str) -> RawTable:
    if isinstance(document, Mapping) and _is_columns(document):
        columns = [list(each.values()) if isinstance(each, Mapping) else each for each in document.values()]
        return _build(source, columns, tuple(document))
    if not isinstance(document, list):
        raise UnreadableFile(f"{source}: the JSON holds {_kind(document)}: {_NEEDED}")
    if not document:
        raise UnreadableFile(f"{source}: the JSON list is empty: fetch the file again")
    if isinstance(document[0], Mapping):
        return _from_records(document, source)
    return _from_rows(document, source)


def _from_records(records: list[Any], source: str) -> RawTable:
    for row, record in enumerate(records):
        if not isinstance(record, Mapping):
            raise UnreadableFile(
                f"{source}: row {row + 1} is {_kind(record)}, the rows before it are records"
            )
    names = tuple(records[0])
    return _build(source, [[record.get(name) for record in records] for name in names], names)


def _from_rows(rows: list[Any], source: str) -> RawTable:
    width = len(rows[0]) if isinstance(rows[0], list) else 0
    for place, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != width or not width:
            found = f"{len(row)} values" if isinstance(row, list) else _kind(row)
            raise UnreadableFile(
                f"{source}: row {place + 1} is {found}: each row needs the same {width or 6} values"
            )
    return _build(source, list(zip(*rows, strict=True)), None)


def _build(source: str, columns: Sequence[Sequence[Any]], header: tuple[str, ...] | None) -> RawTable:
    named = None if header == tuple(map(str, range(len(columns)))) else header
    return RawTable(source, tuple(_array(column, source) for column in columns), named)


def _array(values: Sequence[Any], source: str) -> pa.Array:
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        array = pa.array([None if value is None else str(value) for value in values], pa.string())
    if pa.types.is_nested(array.type):
        raise UnreadableFile(f"{source}: the JSON has lists or objects inside its rows: {_NEEDED}")
    return array


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", type(None): "nothing"}
    return names.get(type(value), f"the value {value!r}")
