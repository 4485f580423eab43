"""What may be stored: checked once for both engines, before anything is written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.adapters.store.port import ID, VERSION, Collection, Document

_INT64 = 2**63


def declared(collection: str) -> Collection:
    """Return the declaration of a collection; ValueError when there is none."""
    try:
        return COLLECTIONS[collection]
    except KeyError:
        raise ValueError(f"collection {collection!r} is not declared") from None


def checked(collection: Collection, document: Document) -> dict[str, Any]:
    """Return a plain copy of a document that every engine stores alike; ValueError names the field that is not."""
    if not isinstance(document.get(ID), str) or not document[ID]:
        raise ValueError(f"{collection.name}: a document needs a string {ID}")
    return {
        name: _blob(name, value) if name in collection.blobs else _plain(f"{collection.name}.{name}", value)
        for name, value in document.items()
    }


def checked_version(document: Document) -> int:
    """Return the version that a compare-and-set writes; ValueError when it is no integer."""
    version = document.get(VERSION)
    if type(version) is not int:
        raise ValueError(f"an integer {VERSION} is needed, {version!r} was given")
    return version


def _blob(name: str, value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError(f"{name} holds bytes, {type(value).__name__} was given")  # noqa: TRY004 - one kind of refusal
    return value


def _plain(where: str, value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int) and -_INT64 <= value < _INT64:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        return {_name(where, name): _plain(f"{where}.{name}", each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(f"{where}[{number}]", each) for number, each in enumerate(value)]
    raise ValueError(f"{where}: {value!r} cannot be stored")


def _name(where: str, name: Any) -> str:
    if not isinstance(name, str):
        raise ValueError(f"{where}: field names are strings, {name!r} was given")  # noqa: TRY004
    return name
