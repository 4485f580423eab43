"""Values of documents as columns: numbers, texts and moments as BSON and people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.timestamp import Timestamp

from forecasting.errors import UnreadableFile

BATCH_DOCUMENTS = 10_000

Documents = Iterable[Mapping[str, Any]]
_PLAIN = (str, float, int, type(None))
_UNUSABLE = object()


def read_columns(
    documents: Documents, paths: Mapping[str, str], source: str, time: Sequence[str]
) -> list[pa.Array]:
    """Arrow arrays of shape (n,), one for each path, in the order of the documents.

    A value that is absent is null. Dates of BSON, which are moments of UTC, become epoch milliseconds; a column in
    which some values are texts becomes text.

    Parameters
    ----------
    documents
        Read once, `BATCH_DOCUMENTS` at a time.
    paths
        Path of a field by what it is called.
    source
        Name of the collection, for messages.
    time
        Those that hold the time: each document needs one of them.

    Raises
    ------
    UnreadableFile
        A document has no time, or a value is neither a number nor a text nor a moment; number and `_id` are named.
    """
    parts: list[list[pa.Array]] = [[] for _ in paths]
    stream, number = iter(documents), 1
    while batch := list(islice(stream, BATCH_DOCUMENTS)):
        values = {title: _values(batch, path, source, number) for title, path in paths.items()}
        _refuse_timeless(
            batch, [values[title] for title in time], source, number, [paths[title] for title in time]
        )
        for part, column in zip(parts, values.values(), strict=True):
            part.append(_array(column))
        number += len(batch)
    return [_joined(part) for part in parts]


def value_at(document: Mapping[str, Any], path: str) -> Any:
    """Value at a dotted path; None where there is none.

    Examples
    --------
    >>> value_at({"k": {"o": 7}}, "k.o")
    7
    """
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def document_place(document: Mapping[str, Any], source: str, number: int) -> str:
    """Where a document stands, in words for a person."""
    return f"{source}, document {number:,} (_id {str(document.get('_id'))!r})"


def _values(batch: Sequence[Mapping[str, Any]], path: str, source: str, number: int) -> list[Any]:
    values = [value_at(document, path) for document in batch]
    for row, value in enumerate(values):
        if type(value) not in _PLAIN:
            values[row] = _plain(value)
            if values[row] is _UNUSABLE:
                raise UnreadableFile(
                    f"{document_place(batch[row], source, number + row)}: field {path!r} holds {type(value).__name__}: a "
                    f"number, a text or a date is needed"
                )
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal128):
        exact = value.to_decimal()
        return None if exact.is_nan() else float(exact)
    if isinstance(value, DatetimeMS):
        return int(value)
    if isinstance(value, Timestamp):
        return value.time * 1000
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else _UNUSABLE


def _refuse_timeless(
    batch: Sequence[Mapping[str, Any]],
    times: Sequence[Sequence[Any]],
    source: str,
    number: int,
    paths: Sequence[str],
) -> None:
    for row, moments in enumerate(zip(*times, strict=True)):
        if all(moment is None for moment in moments):
            raise UnreadableFile(
                f"{document_place(batch[row], source, number + row)}: no time in {' or '.join(paths)}: complete or remove "
                f"the document, or name the field with --fields time=FIELD"
            )


def _array(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return _text(values)


def _text(values: Iterable[Any]) -> pa.Array:
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _joined(parts: Sequence[pa.Array]) -> pa.Array:
    """Join parts of unlike types: whole numbers and others are numbers, anything beside text is text."""
    if not parts:
        return pa.nulls(0)
    kinds = {part.type for part in parts if not pa.types.is_null(part.type)}
    if pa.string() in kinds and len(kinds) > 1:
        return pa.concat_arrays(
            [part if part.type == pa.string() else _text(part.to_pylist()) for part in parts]
        )
    kind = kinds.pop() if len(kinds) == 1 else pa.float64() if kinds else pa.null()
    return pa.concat_arrays([part.cast(kind, safe=False) for part in parts])
