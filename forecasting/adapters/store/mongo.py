"""The server engine: MongoDB through pymongo, majority writes, documents replaced whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING, MongoClient, ReplaceOne, WriteConcern
from pymongo.collection import Collection as MongoCollection
from pymongo.errors import DuplicateKeyError, PyMongoError

from forecasting.adapters.store.collections import COLLECTIONS
from forecasting.adapters.store.documents import checked, checked_version, declared
from forecasting.adapters.store.port import ID, VERSION, Document, Equal, Span
from forecasting.errors import StoreUnavailable

WAIT_MS = 5_000


class MongoStore:
    """`DocumentStore` in one database of a MongoDB server.

    Raises
    ------
    StoreUnavailable
        The server does not answer; the message never holds the address, which may carry a password.
    """

    def __init__(self, uri: str, database: str) -> None:
        with _errors():
            self._client: MongoClient[dict[str, Any]] = MongoClient(
                uri,
                serverSelectionTimeoutMS=WAIT_MS,
                connectTimeoutMS=WAIT_MS,
                appname="foretick",
                tz_aware=True,
            )
            self._database = self._client.get_database(database, write_concern=WriteConcern("majority"))
            for kind in COLLECTIONS.values():
                for fields in kind.indexes:
                    self._database[kind.name].create_index([(name, ASCENDING) for name in fields])

    def put(self, collection: str, document: Document) -> None:
        """Write one document whole."""
        self.put_many(collection, [document])

    def put_many(self, collection: str, documents: Sequence[Document]) -> None:
        """Write several documents, each atomically."""
        kind = declared(collection)
        writes = [
            ReplaceOne({ID: plain[ID]}, plain, upsert=True)
            for plain in (checked(kind, each) for each in documents)
        ]
        if writes:
            with _errors():
                self._collection(collection).bulk_write(writes)

    def get(self, collection: str, document_id: str) -> dict[str, Any] | None:
        """Return the document of that id, or None."""
        declared(collection)
        with _errors():
            return self._collection(collection).find_one({ID: document_id})

    def find(
        self,
        collection: str,
        equal: Equal | None = None,
        span: Span | None = None,
        *,
        sort: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        blobs: bool = True,
    ) -> Iterator[dict[str, Any]]:
        """Documents that match, in order."""
        kind = declared(collection)
        way = DESCENDING if descending else ASCENDING
        order = [(sort, way), (ID, way)] if sort else [(ID, way)]
        projection = None if blobs or not kind.blobs else dict.fromkeys(kind.blobs, False)
        if limit == 0:
            return iter(())
        with _errors():
            cursor = self._collection(collection).find(_query(equal or {}, span), projection).sort(order)
            return iter(list(cursor if limit is None else cursor.limit(limit)))

    def delete(self, collection: str, document_id: str) -> bool:
        """Remove one document; False when it was not there."""
        declared(collection)
        with _errors():
            return self._collection(collection).delete_one({ID: document_id}).deleted_count > 0

    def compare_and_set(self, collection: str, document: Document, expected_version: int | None) -> bool:
        """Write the document if the stored version is the expected one: one atomic operation of the server."""
        plain = checked(declared(collection), document)
        checked_version(document)
        with _errors():
            if expected_version is None:
                try:
                    self._collection(collection).insert_one(plain)
                except DuplicateKeyError:
                    return False
                return True
            known = {ID: plain[ID], VERSION: expected_version}
            return self._collection(collection).replace_one(known, plain).matched_count > 0

    def close(self) -> None:
        """Close the connection pool."""
        self._client.close()

    def _collection(self, name: str) -> MongoCollection[dict[str, Any]]:
        return self._database[name]


def _query(equal: Equal, span: Span | None) -> dict[str, Any]:
    query: dict[str, Any] = dict(equal)
    if span is not None:
        limits = {
            sign: limit for sign, limit in (("$gte", span.start), ("$lt", span.stop)) if limit is not None
        }
        if limits:
            query[span.field] = limits
    return query


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        raise StoreUnavailable(
            f"MongoDB cannot be used ({type(error).__name__}): check that the server of MONGO_URI runs, "
            f"or unset MONGO_URI for the embedded store"
        ) from error
