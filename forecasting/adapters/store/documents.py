"""What may be stored and searched: checked once for both engines, before anything is written or asked."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping
from typing import Any

from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.adapters.store.port import ID, VERSION, Collection, Document, Equal, Span

MOST_BYTES = 15 * 2**20  # MongoDB refuses a document above 16 MiB
MOST_LEVELS = 50  # MongoDB refuses above 100

_INT64 = 2**63
_WORDS = {str: "a string", int: "an integer", bytes: "bytes"}


def declared(collection: str) -> Collection:
    """Return the declaration of a collection; ValueError when there is none."""
    try:
        return COLLECTIONS[collection]
    except KeyError:
        raise ValueError(f"collection {collection!r} is not declared") from None


def changeable(collection: str) -> Collection:
    """Return the declaration of a collection whose documents may change; ValueError when they may not."""
    kind = declared(collection)
    if kind.append_only:
        raise ValueError(f"{collection} is append-only: its documents are written once, by put_new")
    return kind


def checked(collection: Collection, document: Document) -> dict[str, Any]:
    """Return a plain copy of a document that every engine stores alike; ValueError names the field that is not."""
    if not isinstance(document.get(ID), str) or not document[ID]:
        raise ValueError(f"{collection.name}: a document needs a string {ID}")
    for name, kind in {ID: str, **collection.fields}.items():
        where, value = f"{collection.name}.{name}", document.get(name)
        _check_type(where, value, kind)
        if kind is str and "\0" in str(value):  # where SQLite's JSON would end the text
            raise ValueError(f"{where}: {reprlib.repr(value)} holds a zero character")
    _check_order(collection, document)
    blobs = set(collection.blobs)
    plain = {
        _name(collection.name, name): value if name in blobs else _plain(f"{collection.name}.{name}", value)
        for name, value in document.items()
    }
    check_size(document[ID], sum(len(plain[name]) for name in blobs))
    return plain


def checked_version(document: Document) -> int:
    """Return the version that a compare-and-set writes; ValueError when it is no integer."""
    _check_type(VERSION, document.get(VERSION), int)
    return int(document[VERSION])


def check_size(document_id: str, size: int) -> None:
    """Refuse with ValueError what is too large for an engine."""
    if size > MOST_BYTES:
        raise ValueError(f"document {document_id!r} has {size:,} bytes, {MOST_BYTES:,} may be stored")


def check_search(
    collection: Collection, equal: Equal, span: Span | None, sort: str | None, limit: int | None
) -> None:
    """Refuse with ValueError a search that engines would answer differently."""
    for name, value in equal.items():
        _check_type(f"{collection.name}.{name}", _plain(name, value), _searchable(collection, name))
    if span is not None:
        if _searchable(collection, span.field) is not int:
            raise ValueError(f"{collection.name}.{span.field} is not an integer field")
        for bound in (span.start, span.stop):
            if bound is not None:
                _check_type(f"{collection.name}.{span.field}", _plain(span.field, bound), int)
    if sort is not None:
        _searchable(collection, sort)
    if limit is not None and limit < 0:
        raise ValueError(f"a limit of 0 or more is needed, {limit} was given")


def _searchable(collection: Collection, name: str) -> type:
    kind = str if name == ID else collection.fields.get(name, bytes)
    if kind is bytes:
        raise ValueError(f"{collection.name} is not searched by {name!r}")
    return kind


def _check_order(collection: Collection, document: Document) -> None:
    for pair in collection.ordered:
        lesser, greater = (document[each] if isinstance(each, str) else each for each in pair)
        if lesser > greater:
            raise ValueError(
                f"{collection.name}: {pair[0]} must be at most {pair[1]}, but {lesser} and {greater} were given"
            )


def _check_type(where: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{where}: {_WORDS[kind]} is needed, {reprlib.repr(value)} was given")  # noqa: TRY004 - one kind of refusal


def _plain(where: str, value: Any, levels: int = MOST_LEVELS) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(where, value)
    if isinstance(value, int) and -_INT64 <= value < _INT64:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping | list | tuple) and levels == 0:
        raise ValueError(f"{where}: nested deeper than {MOST_LEVELS} levels")
    if isinstance(value, Mapping):
        return {
            _name(where, name): _plain(f"{where}.{name}", each, levels - 1) for name, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(f"{where}[{number}]", each, levels - 1) for number, each in enumerate(value)]
    raise ValueError(f"{where}: {reprlib.repr(value)} cannot be stored")


def _name(where: str, name: Any) -> str:
    if not isinstance(name, str) or not name or name.startswith("$") or "\0" in name:
        raise ValueError(f"{where}: field names are plain strings, {reprlib.repr(name)} was given")
    return _text(where, name)


def _text(where: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{where}: {reprlib.repr(value)} is no Unicode text") from None
    return value
