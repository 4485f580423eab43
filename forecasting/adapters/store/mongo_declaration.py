"""Collections, validators and indexes of a MongoDB database, made from the declarations where they are absent."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.database import Database
from pymongo.errors import CollectionInvalid, OperationFailure

from forecasting.adapters.store.port import ID, Collection

_NAMESPACE_EXISTS = 48
_BSON_TYPES = {str: ["string"], int: ["int", "long"], bytes: ["binData"]}


def declare(database: Database[dict[str, Any]], collections: Iterable[Collection]) -> None:
    """Make what is not there yet; several processes may do so at once, and what is there is left as it is."""
    known = set(database.list_collection_names())
    for kind in collections:
        if kind.name not in known:
            _create(database, kind)
        models = _indexes(kind)
        if models:
            database[kind.name].create_indexes(models)


def _create(database: Database[dict[str, Any]], kind: Collection) -> None:
    with contextlib.suppress(CollectionInvalid):
        try:
            database.create_collection(kind.name, validator=validator(kind))
        except OperationFailure as error:
            if error.code != _NAMESPACE_EXISTS:
                raise


def validator(kind: Collection) -> dict[str, Any]:
    """JSON schema and order by which the server itself refuses a document that breaks the declaration.

    MongoDB has no rule that keeps a document from being changed: to hold append-only collections there as well,
    give the user of `MONGO_URI` no right to update or remove in them.
    """
    types = {ID: str, **kind.fields}
    properties = {name: {"bsonType": _BSON_TYPES[each]} for name, each in types.items()}
    schema = {"bsonType": "object", "required": list(types), "properties": properties}
    pairs = [[_operand(each) for each in pair] for pair in kind.ordered]
    order = {"$expr": {"$and": [{"$lte": pair} for pair in pairs]}} if pairs else {}
    return {"$jsonSchema": schema} | order


def _operand(field: str | int) -> str | int:
    return f"${field}" if isinstance(field, str) else field


def _indexes(kind: Collection) -> list[IndexModel]:
    return [
        IndexModel([(name, ASCENDING) for name in fields], unique=unique)
        for indexes, unique in ((kind.indexes, False), (kind.unique, True))
        for fields in indexes
    ]
